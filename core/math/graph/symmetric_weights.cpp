// SPDX-License-Identifier: Apache-2.0
#include "core/math/graph/symmetric_weights.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

namespace sinkscope {
namespace {

Result<void> checkMatrix(std::span<const float> attention, int tokens) {
    if (tokens < 0 || attention.size() != static_cast<std::size_t>(tokens) * static_cast<std::size_t>(tokens))
        return Error{ErrorCode::InvalidArgument, "the attention of " + std::to_string(tokens) + " tokens has " +
                                                     std::to_string(attention.size()) + " entries", {}};
    bool isValid = true; // without a branch per number, as nearly every matrix is
    for (const float weight : attention)
        isValid &= weight >= 0 && weight <= std::numeric_limits<float>::max();
    for (std::size_t at = 0; !isValid && at < attention.size(); ++at)
        if (!(attention[at] >= 0) || std::isinf(attention[at]))
            return Error{ErrorCode::InvalidArgument,
                         "the attention of query " + std::to_string(at / static_cast<std::size_t>(tokens)) + " to key " +
                             std::to_string(at % static_cast<std::size_t>(tokens)) + " is not a finite number of at least 0", {}};
    return {};
}

} // namespace

Result<SymmetricWeights> symmetrized(std::span<const float> attention, int tokens, Symmetrization how) {
    SINKSCOPE_CHECK(checkMatrix(attention, tokens));
    const auto n = static_cast<std::size_t>(tokens);
    SymmetricWeights weights{.nodes = tokens, .values = std::vector<double>(n * n), .loops = std::vector<double>(n)};
    for (std::size_t i = 0; i < n; ++i) {
        weights.loops[i] = attention[i * n + i];
        for (std::size_t j = 0; j < i; ++j) {
            const double forward = attention[i * n + j], back = attention[j * n + i];
            weights.values[i * n + j] = weights.values[j * n + i] = how == Symmetrization::Max ? std::max(forward, back) : (forward + back) / 2;
        }
    }
    return weights;
}

Result<SymmetricWeights> meanOfHeads(std::span<const std::span<const float>> heads, int tokens) {
    if (heads.empty())
        return Error{ErrorCode::InvalidArgument, "the mean of no heads", {}};
    SymmetricWeights mean;
    for (const std::span<const float> head : heads) {
        SINKSCOPE_TRY(SymmetricWeights weights, symmetrized(head, tokens, Symmetrization::Mean));
        if (mean.values.empty()) {
            mean = std::move(weights);
            continue;
        }
        for (std::size_t i = 0; i < mean.values.size(); ++i)
            mean.values[i] += weights.values[i];
        for (std::size_t i = 0; i < mean.loops.size(); ++i)
            mean.loops[i] += weights.loops[i];
    }
    for (double& value : mean.values)
        value /= static_cast<double>(heads.size());
    for (double& value : mean.loops)
        value /= static_cast<double>(heads.size());
    return mean;
}

double edgeQuantile(const SymmetricWeights& weights, double share) {
    std::vector<double> edges;
    edges.reserve(weights.values.size() / 2);
    for (int i = 1; i < weights.nodes; ++i)
        for (int j = 0; j < i; ++j)
            edges.push_back(weights.at(i, j));
    if (edges.empty())
        return 0;
    const double position = std::clamp(share, 0.0, 1.0) * static_cast<double>(edges.size() - 1);
    const auto below = static_cast<std::size_t>(position);
    const auto middle = edges.begin() + static_cast<std::ptrdiff_t>(below);
    std::nth_element(edges.begin(), middle, edges.end());
    const double lower = *middle;
    if (below + 1 == edges.size())
        return lower;
    return lower + (position - static_cast<double>(below)) * (*std::min_element(middle + 1, edges.end()) - lower);
}

} // namespace sinkscope
