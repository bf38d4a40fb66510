// SPDX-License-Identifier: Apache-2.0
#include "core/math/graph/graph_sweep.h"

#include "core/math/graph/disjoint_sets.h"

#include <algorithm>
#include <numeric>

namespace sinkscope {
namespace {

struct Edge {
    float weight;
    int i, j;
};

/// Those above the lowest threshold, heaviest first.
std::vector<Edge> sortedEdges(const SymmetricWeights& weights, double lowest) {
    std::vector<Edge> edges;
    for (int i = 1; i < weights.nodes; ++i)
        for (int j = 0; j < i; ++j)
            if (isAbove(weights.at(i, j), lowest))
                edges.push_back({static_cast<float>(weights.at(i, j)), i, j});
    std::ranges::sort(edges, [](const Edge& a, const Edge& b) { return a.weight > b.weight; });
    return edges;
}

} // namespace

std::vector<GraphSweepPoint> graphSweep(const SymmetricWeights& weights, std::span<const double> thresholds, bool spectrum) {
    std::vector<GraphSweepPoint> points(thresholds.size());
    if (points.empty())
        return points;
    std::vector<std::size_t> order(thresholds.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) { return thresholds[a] > thresholds[b]; });
    const std::vector<Edge> edges = sortedEdges(weights, thresholds[order.back()]);
    BinaryGraph graph = emptyGraph(weights.nodes);
    DisjointSets sets(weights.nodes);
    std::vector<int> degrees(static_cast<std::size_t>(weights.nodes), 0);
    std::size_t used = 0;
    const GraphSweepPoint* before = nullptr;
    for (const std::size_t at : order) {
        GraphSweepPoint& point = points[at];
        point.threshold = thresholds[at];
        for (; used < edges.size() && isAbove(edges[used].weight, point.threshold); ++used) {
            const Edge& edge = edges[used];
            graph.connect(edge.i, edge.j);
            sets.join(edge.i, edge.j);
            ++degrees[static_cast<std::size_t>(edge.i)];
            ++degrees[static_cast<std::size_t>(edge.j)];
        }
        point.shape = shapeOf(degrees, static_cast<int>(used), sets.sets());
        if (spectrum)
            point.ends = before && before->shape.edges == point.shape.edges ? before->ends : laplacianEnds(graph);
        before = &point;
    }
    return points;
}

} // namespace sinkscope
