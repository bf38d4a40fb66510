// SPDX-License-Identifier: Apache-2.0
#include "core/math/graph/template_distance.h"

#include <algorithm>
#include <cmath>
#include <string>

namespace sinkscope {

namespace {

/// |A|^2, of attention that fits.
Result<double> squaresOf(std::span<const float> attention, int tokens) {
    const auto n = static_cast<std::size_t>(tokens);
    if (tokens < 1 || attention.size() != n * n)
        return Error{ErrorCode::InvalidArgument, "the attention of " + std::to_string(tokens) + " tokens has " +
                                                     std::to_string(attention.size()) + " entries", {}};
    double squares = 0;
    for (const float weight : attention)
        squares += static_cast<double>(weight) * weight;
    if (!std::isfinite(squares))
        return Error{ErrorCode::InvalidArgument, "the attention holds entries that are not finite", {}};
    return squares;
}

} // namespace

Result<TemplateDistances> templateDistances(std::span<const float> attention, int tokens, bool causal) {
    const auto n = static_cast<std::size_t>(tokens);
    SINKSCOPE_TRY(const double squares, squaresOf(attention, tokens));
    // |A - M|^2 = |A|^2 + |M|^2 - 2 (what A has where M is 1), and |M|^2 is the number of queries.
    const auto distance = [&](auto keyOf) {
        double shared = 0;
        for (std::size_t i = 0; i < n; ++i)
            shared += attention[i * n + keyOf(i)];
        const double both = squares + static_cast<double>(tokens);
        return std::sqrt(std::max(0.0, both - 2 * shared) / both);
    };
    TemplateDistances distances{.self = distance([](std::size_t i) { return i; }),
                                .beginning = distance([](std::size_t) { return std::size_t{0}; }),
                                .previous = distance([](std::size_t i) { return i > 0 ? i - 1 : 0; }),
                                .next = std::nullopt};
    if (!causal)
        distances.next = distance([n](std::size_t i) { return std::min(i + 1, n - 1); });
    return distances;
}

Result<double> keyTemplateDistance(std::span<const float> attention, int tokens, bool causal, std::span<const int> keys) {
    SINKSCOPE_TRY(const double squares, squaresOf(attention, tokens));
    double shared = 0, ones = 0;
    for (const int key : keys) {
        if (key < 0 || key >= tokens)
            return Error{ErrorCode::InvalidArgument, "there is no token " + std::to_string(key) + " among " + std::to_string(tokens), {}};
        for (int query = causal ? key : 0; query < tokens; ++query) {
            shared += attention[static_cast<std::size_t>(query) * static_cast<std::size_t>(tokens) + static_cast<std::size_t>(key)];
            ++ones;
        }
    }
    if (keys.empty())
        return Error{ErrorCode::InvalidArgument, "a template needs a key", {}};
    return std::sqrt(std::max(0.0, squares + ones - 2 * shared) / (squares + ones));
}

} // namespace sinkscope
