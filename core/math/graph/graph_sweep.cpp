// SPDX-License-Identifier: Apache-2.0
#include "core/math/graph/graph_sweep.h"

#include "core/math/persistence/disjoint_sets.h"

#include <algorithm>
#include <functional>
#include <numeric>

namespace sinkscope {
namespace {

struct Edge {
    int i, j;
};

/// Edges in steps: those of step k are above threshold k but not above the one before. Thresholds fall.
struct SteppedEdges {
    std::vector<Edge> edges;        ///< by step
    std::vector<std::size_t> begin; ///< [thresholds + 1] of each step
};

/// A counting sort: within a step the order does not matter.
SteppedEdges steppedEdges(const SymmetricWeights& weights, const std::vector<float>& falling) {
    const std::size_t steps = falling.size();
    std::vector<std::size_t> stepOf;
    stepOf.reserve(weights.values.size() / 2);
    SteppedEdges result{.edges = {}, .begin = std::vector<std::size_t>(steps + 2, 0)};
    for (int i = 1; i < weights.nodes; ++i)
        for (int j = 0; j < i; ++j) {
            const auto weight = static_cast<float>(weights.at(i, j));
            const auto step = std::ranges::partition_point(falling, [weight](float threshold) { return threshold >= weight; });
            stepOf.push_back(static_cast<std::size_t>(step - falling.begin()));
            ++result.begin[stepOf.back() + 1];
        }
    std::partial_sum(result.begin.begin(), result.begin.end(), result.begin.begin());
    result.edges.resize(result.begin[steps]);
    std::vector<std::size_t> next = result.begin;
    std::size_t at = 0;
    for (int i = 1; i < weights.nodes; ++i)
        for (int j = 0; j < i; ++j, ++at)
            if (stepOf[at] < steps)
                result.edges[next[stepOf[at]]++] = {i, j};
    return result;
}

} // namespace

std::vector<GraphSweepPoint> graphSweep(const SymmetricWeights& weights, std::span<const double> thresholds, bool spectrum) {
    std::vector<GraphSweepPoint> points(thresholds.size());
    std::vector<std::size_t> order(thresholds.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::stable_sort(order, std::greater(), [&](std::size_t at) { return thresholds[at]; });
    std::vector<float> falling; // compared in float32, see isAbove
    for (const std::size_t at : order)
        falling.push_back(static_cast<float>(thresholds[at]));
    const SteppedEdges stepped = steppedEdges(weights, falling);
    BinaryGraph graph = emptyGraph(weights.nodes);
    DisjointSets sets(weights.nodes);
    std::vector<int> degrees(static_cast<std::size_t>(weights.nodes), 0);
    int components = weights.nodes;
    for (std::size_t step = 0; step < order.size(); ++step) {
        for (std::size_t at = stepped.begin[step]; at < stepped.begin[step + 1]; ++at) {
            const Edge edge = stepped.edges[at];
            graph.connect(edge.i, edge.j);
            components -= sets.join(edge.i, edge.j) >= 0 ? 1 : 0;
            ++degrees[static_cast<std::size_t>(edge.i)];
            ++degrees[static_cast<std::size_t>(edge.j)];
        }
        GraphSweepPoint& point = points[order[step]];
        point.threshold = thresholds[order[step]];
        point.shape = shapeOf(degrees, static_cast<int>(stepped.begin[step + 1]), components);
        const bool isSame = step > 0 && stepped.begin[step] == stepped.begin[step + 1];
        if (spectrum)
            point.ends = isSame ? points[order[step - 1]].ends : laplacianEnds(graph);
    }
    return points;
}

} // namespace sinkscope
