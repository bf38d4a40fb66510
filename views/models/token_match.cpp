// SPDX-License-Identifier: Apache-2.0
#include "views/models/token_match.h"

namespace sinkscope {

int matchingToken(const SampleTokens& from, int token, const SampleTokens& to) {
    const int count = static_cast<int>(from.display.size()), others = static_cast<int>(to.display.size());
    if (token < 0 || token >= count || from.text != to.text)
        return -1;
    if (from.display == to.display)
        return token;
    const auto& places = from.encoding.offsets;
    const auto& theirs = to.encoding.offsets;
    if (places.size() != from.display.size() || theirs.size() != to.display.size())
        return -1;
    const auto isEmpty = [](const auto& place) { return place.first == place.second; };
    const auto own = places[static_cast<std::size_t>(token)];
    if (isEmpty(own)) {
        const bool fromEnd = token >= count - token;
        const int other = fromEnd ? others - (count - token) : token;
        return other >= 0 && other < others && isEmpty(theirs[static_cast<std::size_t>(other)]) ? other : -1;
    }
    for (int other = 0; other < others; ++other)
        if (const auto& place = theirs[static_cast<std::size_t>(other)]; place.first < own.second && place.second > own.first)
            return other;
    return -1;
}

} // namespace sinkscope
