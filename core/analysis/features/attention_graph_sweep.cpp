// SPDX-License-Identifier: Apache-2.0
// The thresholded graph at every threshold of the known list (design note 3.3), each number under a name of its own.
#include "core/analysis/feature_family.h"
#include "core/analysis/head_measures.h"
#include "core/math/graph/graph_sweep.h"

#include <cmath>

namespace sinkscope::registry_feature_families {
namespace {

constexpr std::size_t kPerThreshold = 6;

#define SINKSCOPE_SWEEP_METRICS(suffix, threshold)                                                                                          \
    {.id = "fiedler_" suffix, .title = "Fiedler value, weights above " threshold,                                                           \
     .explanation = "Second smallest eigenvalue of D - adjacency of the graph of weights above " threshold ". See Fiedler value of the graph.", \
     .source = "Fiedler (1973); thresholds are our reconstruction", .low = 1, .high = 0},                                                   \
    {.id = "centralization_" suffix, .title = "Degree centralization, weights above " threshold,                                            \
     .explanation = "Freeman's degree centralization of the graph of weights above " threshold ". 1 for a star, 0 when all are alike.",       \
     .source = "Freeman (1979)"},                                                                                                           \
    {.id = "star_likeness_" suffix, .title = "Star-likeness, weights above " threshold,                                                     \
     .explanation = "Hub's reach times one minus the density among the others, in the graph of weights above " threshold ".",                 \
     .source = "our reconstruction"},                                                                                                       \
    {.id = "density_" suffix, .title = "Edge density, weights above " threshold,                                                            \
     .explanation = "Edges over all pairs in the graph of weights above " threshold "; never grows with the threshold.",                      \
     .source = "our definition", .percent = true},                                                                                          \
    {.id = "components_" suffix, .title = "Components, weights above " threshold,                                                           \
     .explanation = "Pieces (graph Betti 0) of the graph of weights above " threshold "; never falls with the threshold.",                    \
     .source = "standard graph theory", .low = 1, .high = 0},                                                                               \
    {.id = "beta1_" suffix, .title = "Independent cycles, weights above " threshold,                                                        \
     .explanation = "Edges - T + components (graph Betti 1) of the graph of weights above " threshold ", without loops.",                     \
     .source = "standard graph theory", .low = 1, .high = 0}

/// In the order of kSweepThresholds.
constexpr MetricSpec kMetrics[] = {
    SINKSCOPE_SWEEP_METRICS("0p001", "0.001"), SINKSCOPE_SWEEP_METRICS("0p005", "0.005"), SINKSCOPE_SWEEP_METRICS("0p01", "0.01"),
    SINKSCOPE_SWEEP_METRICS("0p02", "0.02"),   SINKSCOPE_SWEEP_METRICS("0p05", "0.05"),   SINKSCOPE_SWEEP_METRICS("0p1", "0.1"),
    SINKSCOPE_SWEEP_METRICS("0p2", "0.2"),
};
#undef SINKSCOPE_SWEEP_METRICS
static_assert(std::size(kMetrics) == kPerThreshold * kSweepThresholds.size());

constexpr std::string_view kHow[] = {"mean", "max"};
constexpr ParameterSpec kParameters[] = {
    {.id = "symmetrization", .title = "Edge weight", .explanation = "From the weight i gives j and the one j gives i: their mean or the larger.", .choices = kHow},
};

void evaluate(const HeadEvidence& evidence, FamilyParameters parameters, std::span<double> values) {
    if (evidence.count() < kShortestSample)
        return;
    const auto weights = symmetrized(evidence.attention->weights, evidence.count(), parameters[0] > 0 ? Symmetrization::Max : Symmetrization::Mean);
    if (!weights)
        return;
    const double none = std::nan("");
    std::size_t at = 0;
    for (const GraphSweepPoint& point : graphSweep(*weights, kSweepThresholds, true)) {
        values[at++] = point.ends ? point.ends->second : none;
        values[at++] = point.shape.centralization.value_or(none);
        values[at++] = point.shape.starLikeness.value_or(none);
        values[at++] = point.shape.density.value_or(none);
        values[at++] = point.shape.components;
        values[at++] = point.shape.cycles();
    }
}

} // namespace

extern const FeatureFamily attention_graph_sweep;
const FeatureFamily attention_graph_sweep{.id = "attention_graph_sweep", .title = "Attention graph at seven thresholds", .standard = false,
                                          .longest = 512, .metrics = kMetrics, .parameters = kParameters, .evaluateHead = evaluate};

} // namespace sinkscope::registry_feature_families
