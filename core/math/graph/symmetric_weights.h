// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"

#include <span>
#include <vector>

namespace sinkscope {

/// How the weight i gives j and the one j gives i become the weight of one edge.
enum class Symmetrization { Mean, Max };

/// Undirected weighted graph of tokens. Loops are kept apart, so that every use says whether it counts them.
struct SymmetricWeights {
    int nodes = 0;
    std::vector<double> values; ///< [nodes, nodes], symmetric, at least 0; the diagonal is 0
    std::vector<double> loops;  ///< [nodes] what stood on the diagonal
    [[nodiscard]] double at(int i, int j) const { return values[static_cast<std::size_t>(i) * nodes + j]; }
};

/// From a square matrix of attention weights, row-major. Errors: InvalidArgument when the size does not fit, or an entry is not a number,
/// infinite or below 0. Thread: any.
Result<SymmetricWeights> symmetrized(std::span<const float> attention, int tokens, Symmetrization how);

/// Mean of several heads' matrices, each symmetrised by the mean. Same errors; also when there is none or the sizes differ.
Result<SymmetricWeights> meanOfHeads(std::span<const std::span<const float>> heads, int tokens);

/// Quantile (0 to 1, linear between neighbours) of the edge weights of all pairs i < j; with a causal mask, too, one of each pair sees the
/// other, so that all pairs are visible entries. 0 below two nodes.
double edgeQuantile(const SymmetricWeights& weights, double share);

} // namespace sinkscope
