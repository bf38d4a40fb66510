// SPDX-License-Identifier: Apache-2.0
#include "core/math/graph/lap_eigenvalues.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <string>

namespace sinkscope {
namespace {

Result<void> checkMatrix(std::span<const float> attention, int tokens) {
    if (tokens < 1 || attention.size() != static_cast<std::size_t>(tokens) * static_cast<std::size_t>(tokens))
        return Error{ErrorCode::InvalidArgument, "the attention of " + std::to_string(tokens) + " tokens has " +
                                                     std::to_string(attention.size()) + " entries", {}};
    if (!std::ranges::all_of(attention, [](float weight) { return std::isfinite(weight); }))
        return Error{ErrorCode::InvalidArgument, "the attention holds entries that are not finite", {}};
    return {};
}

} // namespace

Result<std::vector<double>> lapEigenvalues(std::span<const float> attention, int tokens, bool causal) {
    SINKSCOPE_CHECK(checkMatrix(attention, tokens));
    const auto n = static_cast<std::size_t>(tokens);
    std::vector<double> values(n, 0.0);
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t j = 0; j < n; ++j)
            values[j] += attention[i * n + j];
    for (std::size_t j = 0; j < n; ++j)
        values[j] = values[j] / static_cast<double>(causal ? n - j : n) - attention[j * n + j];
    std::ranges::sort(values, std::greater());
    return values;
}

Result<double> attentionScore(std::span<const float> attention, int tokens) {
    SINKSCOPE_CHECK(checkMatrix(attention, tokens));
    double sum = 0;
    for (std::size_t i = 0; i < static_cast<std::size_t>(tokens); ++i)
        sum += std::log(std::max<double>(attention[i * static_cast<std::size_t>(tokens) + i], kLogFloor));
    return sum / tokens;
}

} // namespace sinkscope
