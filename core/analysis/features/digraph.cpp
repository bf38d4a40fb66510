// SPDX-License-Identifier: Apache-2.0
// The directed graph of a head's strong weights (design note 4.8).
#include "core/math/graph/digraph.h"

#include "core/analysis/feature_family.h"
#include "core/analysis/head_measures.h"

namespace sinkscope::registry_feature_families {
namespace {

constexpr MetricSpec kMetrics[] = {
    {.id = "digraph_strong", .title = "Strongly connected components",
     .explanation = "Of the directed graph with an edge from query to key where the weight is at least the threshold. Always T under a causal mask.",
     .source = "Kushnareva et al. (2021)", .low = 1, .high = 0},
    {.id = "digraph_weak", .title = "Weakly connected components",
     .explanation = "Pieces of that graph when directions are ignored (graph Betti 0).", .source = "Kushnareva et al. (2021)", .low = 1, .high = 0},
    {.id = "digraph_edges", .title = "Directed edges",
     .explanation = "Weights of at least the threshold, those of tokens to themselves included.", .source = "Kushnareva et al. (2021)", .low = 1, .high = 0},
    {.id = "digraph_degree", .title = "Mean degree",
     .explanation = "Mean number of edges in and out of a token: 2 times the edges over T, loops included.", .source = "Kushnareva et al. (2021)",
     .low = 1, .high = 0},
    {.id = "digraph_cycles", .title = "Simple directed cycles",
     .explanation = "Number of simple directed cycles, loops included, counted up to 500. Under a causal mask there are loops only.",
     .source = "Kushnareva et al. (2021)", .low = 1, .high = 0},
    {.id = "digraph_beta1", .title = "Independent cycles of the undirected graph",
     .explanation = "Edges - T + pieces of the undirected graph (graph Betti 1). Loops are left out; the original keeps them, which adds one each.",
     .source = "after Kushnareva et al. (2021)", .low = 1, .high = 0},
};

constexpr ParameterSpec kParameters[] = {
    {.id = "threshold", .title = "Threshold", .explanation = "Least weight of an edge. Published: 0.025, 0.05, 0.1, 0.25, 0.5 and 0.75.",
     .low = 0, .high = 1, .standard = 0.1},
};

void evaluate(const HeadEvidence& evidence, FamilyParameters parameters, std::span<double> values) {
    if (evidence.count() < kShortestSample)
        return;
    const auto shape = digraphShape(evidence.attention->weights, evidence.count(), parameters[0]);
    if (!shape)
        return;
    values[0] = shape->strong;
    values[1] = shape->weak;
    values[2] = shape->edges;
    values[3] = shape->meanDegree();
    values[4] = shape->cycles;
    values[5] = shape->undirectedCycles();
}

} // namespace

extern const FeatureFamily digraph;
const FeatureFamily digraph{.id = "digraph", .title = "Directed attention graph", .standard = false, .longest = 512, .metrics = kMetrics,
                            .parameters = kParameters, .evaluateHead = evaluate};

} // namespace sinkscope::registry_feature_families
