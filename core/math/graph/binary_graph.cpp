// SPDX-License-Identifier: Apache-2.0
#include "core/math/graph/binary_graph.h"

#include "core/math/graph/disjoint_sets.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace sinkscope {
namespace {

template <typename IsEdge> BinaryGraph cut(const SymmetricWeights& weights, IsEdge isEdge) {
    BinaryGraph graph = emptyGraph(weights.nodes);
    for (std::size_t at = 0; at < weights.values.size(); ++at)
        graph.adjacency[at] = isEdge(weights.values[at]) ? 1 : 0;
    for (int i = 0; i < weights.nodes; ++i) // a threshold below 0 would make loops
        graph.adjacency[static_cast<std::size_t>(i) * weights.nodes + i] = 0;
    return graph;
}

} // namespace

BinaryGraph emptyGraph(int nodes) {
    return {nodes, std::vector<std::uint8_t>(static_cast<std::size_t>(nodes) * static_cast<std::size_t>(nodes), 0)};
}

std::vector<int> degreesOf(const BinaryGraph& graph) {
    std::vector<int> degrees;
    degrees.reserve(static_cast<std::size_t>(graph.nodes));
    for (auto row = graph.adjacency.begin(); row != graph.adjacency.end(); row += graph.nodes)
        degrees.push_back(std::accumulate(row, row + graph.nodes, 0));
    return degrees;
}

std::vector<int> componentNumbers(const BinaryGraph& graph) {
    DisjointSets sets(graph.nodes);
    for (int i = 1; i < graph.nodes && sets.sets() > 1; ++i)
        for (int j = 0; j < i; ++j)
            if (graph.hasEdge(i, j))
                sets.join(i, j);
    std::vector<int> number(static_cast<std::size_t>(graph.nodes), -1), component;
    int next = 0;
    for (int i = 0; i < graph.nodes; ++i) {
        int& mine = number[static_cast<std::size_t>(sets.find(i))];
        if (mine < 0)
            mine = next++;
        component.push_back(mine);
    }
    return component;
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
    const std::vector<int> degrees = degreesOf(graph), components = componentNumbers(graph);
    const int count = components.empty() ? 0 : 1 + *std::ranges::max_element(components);
    return shapeOf(degrees, std::accumulate(degrees.begin(), degrees.end(), 0) / 2, count);
}

} // namespace sinkscope
