// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/math/graph/symmetric_weights.h"

#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace sinkscope {

/// Nodes of a graph, a bit each.
using NodeSet = std::vector<std::uint64_t>;

/// Undirected graph without loops.
struct BinaryGraph {
    int nodes = 0, words = 0;        ///< words: 64 bits each, of a row
    std::vector<std::uint64_t> rows; ///< [nodes, words] bit j of row i: whether they are joined; symmetric, the diagonal is 0
    [[nodiscard]] std::span<const std::uint64_t> row(int i) const {
        return std::span(rows).subspan(static_cast<std::size_t>(i) * static_cast<std::size_t>(words), static_cast<std::size_t>(words));
    }
    [[nodiscard]] bool hasEdge(int i, int j) const { return (row(i)[static_cast<std::size_t>(j / 64)] >> (j % 64) & 1U) != 0; }
    void connect(int i, int j) {
        for (const auto& [from, to] : {std::pair(i, j), std::pair(j, i)})
            rows[static_cast<std::size_t>(from) * static_cast<std::size_t>(words) + static_cast<std::size_t>(to / 64)] |= std::uint64_t{1} << (to % 64);
    }
};
BinaryGraph emptyGraph(int nodes);
/// All nodes of a graph. Thread: any, like all that follows.
NodeSet allNodes(const BinaryGraph& graph);
/// [nodes] Number of neighbours.
std::vector<int> degreesOf(const BinaryGraph& graph);
/// The pieces that the nodes of `within` and the edges between them make, in the order of their lowest nodes.
std::vector<NodeSet> piecesOf(const BinaryGraph& graph, NodeSet within);

/// Whether a weight lies above a threshold. Compared in the float32 of attention: 0.1f / 2 is not above 0.05, as it is not on paper.
[[nodiscard]] inline bool isAbove(double weight, double threshold) { return static_cast<float>(weight) > static_cast<float>(threshold); }
/// Edges are the pairs whose weight is above the threshold.
BinaryGraph cutAtThreshold(const SymmetricWeights& weights, double threshold);
/// Edges are the pairs whose weight is above 0 and at least this percentile (0 to 100) of all pairs. "At least", for a perfect sink in a short
/// text has more than a tenth of its pairs at the same weight, and "above" would leave none; "above 0", for in a long one the percentile is 0.
BinaryGraph cutAtPercentile(const SymmetricWeights& weights, double percentile);

/// Numbers of a graph that need no eigenvalues. What needs more nodes than there are is absent: density two, all else three.
struct GraphShape {
    int nodes = 0, edges = 0;
    int components = 0;                   ///< Betti number 0
    int hub = 0, hubDegree = 0;           ///< node of the highest degree, the lowest index among equals
    std::optional<double> density{};       ///< edges / all pairs
    std::optional<double> centralization{};///< Freeman 1979: sum of (d_hub - d_i) / ((n-1)(n-2))
    std::optional<double> starLikeness{};  ///< d_hub/(n-1) times 1 - density among the other nodes
    std::optional<double> starDistance{};  ///< |adj - star|_F / sqrt(|adj|_F^2 + |star|_F^2), the star around the hub
    std::optional<double> hubShare{};      ///< d_hub / sum of degrees: 1/2 for a star, 1/n for all alike; absent without edges
    [[nodiscard]] int cycles() const { return edges - nodes + components; } ///< Betti number 1 of the graph
};
GraphShape shapeOf(const BinaryGraph& graph);
/// The same from what a sweep keeps up to date.
GraphShape shapeOf(const std::vector<int>& degrees, int edges, int components);

} // namespace sinkscope
