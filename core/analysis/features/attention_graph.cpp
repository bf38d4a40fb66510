// SPDX-License-Identifier: Apache-2.0
// The undirected graph of a head's strong weights (design note 3.3 and the graph part of 3.5).
#include "core/analysis/feature_family.h"
#include "core/analysis/head_measures.h"
#include "core/math/graph/laplacian.h"

#include <cmath>

namespace sinkscope::registry_feature_families {
namespace {

constexpr MetricSpec kMetrics[] = {
    {.id = "graph_fiedler", .title = "Fiedler value of the graph",
     .explanation = "Second smallest eigenvalue of L = D - adjacency of the thresholded graph. 0 when the graph falls apart, 1 for a star, k when k "
                    "joined hubs reach every token, T when every pair is joined. A fixed threshold mixes length with structure: compare at equal T.",
     .source = "Fiedler (1973); cuts are our reconstruction", .low = 1, .high = 0},
    {.id = "graph_laplacian_max", .title = "Largest Laplacian eigenvalue of the graph",
     .explanation = "Largest eigenvalue of L = D - adjacency. T exactly when some token is joined to all others; at most the size of the largest piece.",
     .source = "Fiedler (1973)", .low = 1, .high = 0},
    {.id = "graph_centralization", .title = "Degree centralization",
     .explanation = "Sum of (d_max - d_i) over (T-1)(T-2), d the degrees of the thresholded graph. 1 for a star, 0 when all tokens have equal degrees; "
                    "(T-k)(T-1-k)/((T-1)(T-2)) for k joined hubs.",
     .source = "Freeman (1979)"},
    {.id = "graph_star_likeness", .title = "Star-likeness",
     .explanation = "d_hub/(T-1) times one minus the density among the other tokens; the hub has the highest degree. 1 for a star, 0 when every pair is "
                    "joined.",
     .source = "our reconstruction"},
    {.id = "graph_star_distance", .title = "Distance to the star template",
     .explanation = "Frobenius norm of adjacency minus the star around the hub, over the root of the sum of both squared norms. 0 for a star, 1 without "
                    "edges.",
     .source = "our definition"},
    {.id = "graph_density", .title = "Edge density",
     .explanation = "Edges of the thresholded graph over all T(T-1)/2 pairs. Says how much the cut left to look at.", .source = "our definition", .percent = true},
    {.id = "graph_components", .title = "Components (graph Betti 0)",
     .explanation = "Number of pieces the thresholded graph falls into, single tokens included. 1 when everything is joined, T without edges.",
     .source = "standard graph theory", .low = 1, .high = 0},
    {.id = "graph_beta1", .title = "Independent cycles (graph Betti 1)",
     .explanation = "Edges - T + components, without loops. It grows when a hub is joined to tokens that are joined already; the Betti number of the clique "
                    "complex goes the other way, for the hub fills those cycles.",
     .source = "standard graph theory", .low = 1, .high = 0},
    {.id = "graph_hub_share", .title = "Hub's share of the degrees",
     .explanation = "Degree of the hub over the sum of all degrees: 1/2 for a star, 1/T when all tokens are alike. No value without edges.",
     .source = "our definition", .low = 0, .high = 0.5, .percent = true},
};

constexpr std::string_view kHow[] = {"mean", "max"};
constexpr std::string_view kCuts[] = {"threshold", "percentile"};
constexpr ParameterSpec kParameters[] = {
    {.id = "symmetrization", .title = "Edge weight", .explanation = "From the weight i gives j and the one j gives i: their mean or the larger.", .choices = kHow},
    {.id = "cut", .title = "Cut",
     .explanation = "threshold: edges are the pairs above a fixed weight. percentile: the pairs above 0 and at or above a percentile of all pairs.",
     .choices = kCuts},
    {.id = "threshold", .title = "Threshold", .explanation = "Weight that an edge must exceed when the cut is a threshold.", .low = 0, .high = 1, .standard = 0.05},
    {.id = "percentile", .title = "Percentile", .explanation = "Percentile of the weights of all pairs when the cut is a percentile.",
     .low = 0, .high = 100, .standard = 90},
};

void evaluate(const HeadEvidence& evidence, FamilyParameters parameters, std::span<double> values) {
    if (evidence.count() < kShortestSample)
        return;
    const auto weights = symmetrized(evidence.attention->weights, evidence.count(), parameters[0] > 0 ? Symmetrization::Max : Symmetrization::Mean);
    if (!weights)
        return;
    const BinaryGraph graph = parameters[1] > 0 ? cutAtPercentile(*weights, parameters[3]) : cutAtThreshold(*weights, parameters[2]);
    const GraphShape shape = shapeOf(graph);
    const double none = std::nan("");
    if (const auto ends = laplacianEnds(graph)) {
        values[0] = ends->second;
        values[1] = ends->largest;
    }
    values[2] = shape.centralization.value_or(none);
    values[3] = shape.starLikeness.value_or(none);
    values[4] = shape.starDistance.value_or(none);
    values[5] = shape.density.value_or(none);
    values[6] = shape.components;
    values[7] = shape.cycles();
    values[8] = shape.hubShare.value_or(none);
}

} // namespace

extern const FeatureFamily attention_graph;
const FeatureFamily attention_graph{.id = "attention_graph", .title = "Thresholded attention graph", .longest = 512, .metrics = kMetrics,
                                    .parameters = kParameters, .evaluateHead = evaluate};

} // namespace sinkscope::registry_feature_families
