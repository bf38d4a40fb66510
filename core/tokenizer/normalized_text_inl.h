// SPDX-License-Identifier: Apache-2.0
#pragma once
// Templates of core/tokenizer/normalized_text.h.
#include "core/tokenizer/normalized_text.h"
#include "core/tokenizer/unicode.h"

#include <optional>

namespace sinkscope {

template <typename Keep> void NormalizedText::filter(Keep keep) {
    std::vector<CharacterChange> changes;
    std::size_t removedAtStart = 0;
    int removed = 0;
    std::optional<char32_t> last;
    for (const char32_t c : characters()) {
        if (!keep(c)) {
            ++removed;
            continue;
        }
        if (last)
            changes.push_back({*last, -removed});
        else
            removedAtStart = static_cast<std::size_t>(removed);
        last = c;
        removed = 0;
    }
    if (last)
        changes.push_back({*last, -removed});
    transform(changes, removedAtStart);
}

template <typename Map> void NormalizedText::map(Map mapping) {
    std::vector<CharacterChange> changes;
    for (const char32_t c : characters())
        changes.push_back({mapping(c), 0});
    transform(changes);
}

template <typename Predicate> std::vector<PatternMatch> NormalizedText::matchesOf(Predicate predicate) const {
    std::vector<PatternMatch> matches;
    for (std::size_t at = 0; at < m_text.size();) {
        const CodePoint point = codePointAt(m_text, at);
        const bool isMatch = predicate(point.value);
        if (!isMatch && !matches.empty() && !matches.back().isMatch)
            matches.back().end = at + point.bytes;
        else
            matches.push_back({at, at + point.bytes, isMatch});
        at += point.bytes;
    }
    return matches;
}

} // namespace sinkscope
