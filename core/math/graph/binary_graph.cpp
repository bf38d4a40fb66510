// SPDX-License-Identifier: Apache-2.0
#include "core/math/graph/binary_graph.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numeric>

namespace sinkscope {
namespace {

template <typename IsEdge> BinaryGraph cut(const SymmetricWeights& weights, IsEdge isEdge) {
    BinaryGraph graph = emptyGraph(weights.nodes);
    const auto nodes = static_cast<std::size_t>(graph.nodes), words = static_cast<std::size_t>(graph.words);
    for (std::size_t i = 0; i < nodes; ++i) {
        const double* weight = &weights.values[i * nodes];
        std::uint64_t* row = &graph.rows[i * words];
        for (std::size_t j = 0; j < nodes; ++j) // no branch, for nobody can guess which pairs are joined
            row[j / 64] |= static_cast<std::uint64_t>(isEdge(weight[j])) << (j % 64);
        row[i / 64] &= ~(std::uint64_t{1} << (i % 64)); // a threshold below 0 would make loops
    }
    return graph;
}

/// The nodes of `within` that can be reached from a node; takes them out of `within`.
NodeSet takePiece(const BinaryGraph& graph, NodeSet& within, int start) {
    NodeSet piece(within.size(), 0);
    std::vector<int> pending{start};
    within[static_cast<std::size_t>(start / 64)] &= ~(std::uint64_t{1} << (start % 64));
    while (!pending.empty()) {
        const int node = pending.back();
        pending.pop_back();
        piece[static_cast<std::size_t>(node / 64)] |= std::uint64_t{1} << (node % 64);
        const auto row = graph.row(node);
        for (std::size_t word = 0; word < row.size(); ++word) {
            std::uint64_t found = row[word] & within[word];
            within[word] &= ~found;
            for (; found != 0; found &= found - 1)
                pending.push_back(static_cast<int>(word) * 64 + std::countr_zero(found));
        }
    }
    return piece;
}

} // namespace

BinaryGraph emptyGraph(int nodes) {
    const int words = (nodes + 63) / 64;
    return {nodes, words, std::vector<std::uint64_t>(static_cast<std::size_t>(nodes) * static_cast<std::size_t>(words), 0)};
}

NodeSet allNodes(const BinaryGraph& graph) {
    NodeSet all(static_cast<std::size_t>(graph.words), ~std::uint64_t{0});
    if (graph.nodes % 64 != 0)
        all.back() >>= 64 - graph.nodes % 64;
    return all;
}

std::vector<int> degreesOf(const BinaryGraph& graph) {
    std::vector<int> degrees;
    degrees.reserve(static_cast<std::size_t>(graph.nodes));
    for (int i = 0; i < graph.nodes; ++i) {
        int degree = 0;
        for (const std::uint64_t word : graph.row(i))
            degree += std::popcount(word);
        degrees.push_back(degree);
    }
    return degrees;
}

std::vector<NodeSet> piecesOf(const BinaryGraph& graph, NodeSet within) {
    std::vector<NodeSet> pieces;
    for (std::size_t word = 0; word < within.size(); ++word)
        while (within[word] != 0)
            pieces.push_back(takePiece(graph, within, static_cast<int>(word) * 64 + std::countr_zero(within[word])));
    return pieces;
}

BinaryGraph cutAtThreshold(const SymmetricWeights& weights, double threshold) {
    return cut(weights, [threshold](double weight) { return isAbove(weight, threshold); });
}

BinaryGraph cutAtPercentile(const SymmetricWeights& weights, double percentile) {
    const double least = edgeQuantile(weights, percentile / 100);
    return cut(weights, [least](double weight) { return weight > 0 && weight >= least; });
}

GraphShape shapeOf(const std::vector<int>& degrees, int edges, int components) {
    GraphShape shape{.nodes = static_cast<int>(degrees.size()), .edges = edges, .components = components};
    if (degrees.empty())
        return shape;
    const auto hub = std::ranges::max_element(degrees); // the first of equals
    shape.hub = static_cast<int>(hub - degrees.begin());
    shape.hubDegree = *hub;
    const double n = shape.nodes, degree = shape.hubDegree;
    if (shape.nodes >= 2)
        shape.density = edges / (n * (n - 1) / 2);
    if (shape.nodes < 3)
        return shape;
    const double leafPairs = (n - 1) * (n - 2);
    shape.centralization = (n * degree - 2.0 * edges) / leafPairs;
    shape.starLikeness = degree / (n - 1) * (1 - 2 * (edges - degree) / leafPairs);
    // Squared norms: 2 edges, 2 (n-1); the two share the hub's edges, each twice.
    const double both = 2.0 * edges + 2 * (n - 1);
    shape.starDistance = std::sqrt(std::max(0.0, both - 4 * degree) / both);
    if (edges > 0)
        shape.hubShare = degree / (2.0 * edges);
    return shape;
}

GraphShape shapeOf(const BinaryGraph& graph) {
    const std::vector<int> degrees = degreesOf(graph);
    return shapeOf(degrees, std::accumulate(degrees.begin(), degrees.end(), 0) / 2, static_cast<int>(piecesOf(graph, allNodes(graph)).size()));
}

} // namespace sinkscope
