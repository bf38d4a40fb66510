// SPDX-License-Identifier: Apache-2.0
// The hidden states of a layer as a signal on the graph of its attention (design note 4.9).
#include "core/math/graph/graph_signal.h"

#include "core/analysis/feature_family.h"
#include "core/analysis/head_measures.h"

namespace sinkscope::registry_feature_families {
namespace {

constexpr MetricSpec kMetrics[] = {
    {.id = "signal_energy", .title = "Dirichlet energy",
     .explanation = "Tr(X' L X), X the hidden states after the layer and L the Laplacian of the mean of its heads' weights, both directions averaged, "
                    "without loops. It grows with the size of X: for comparisons use the smoothness. Uses hidden states, not attention alone.",
     .source = "after Noel", .low = 1, .high = 0},
    {.id = "signal_smoothness", .title = "Smoothness of the hidden states",
     .explanation = "Tr(X' L X) / Tr(X' X): small when tokens that attend to each other have like states. At most the largest eigenvalue.",
     .source = "after Noel", .low = 1, .high = 0},
    {.id = "signal_smoothness_relative", .title = "Smoothness over the largest eigenvalue",
     .explanation = "Tr(X' L X) / (largest eigenvalue times Tr(X' X)), between 0 and 1.", .source = "after Noel"},
    {.id = "signal_entropy", .title = "Spectral entropy of the hidden states",
     .explanation = "-sum of p log p in nats, p_m the share of the states' energy in mode m of the Laplacian. 0 in one mode, log T spread evenly.",
     .source = "after Noel", .low = 1, .high = 0},
    {.id = "signal_hfer", .title = "High-frequency energy ratio",
     .explanation = "Share of the states' energy in the modes of the largest eigenvalues; how many of them is a parameter.", .source = "after Noel", .percent = true},
    {.id = "signal_fiedler", .title = "Fiedler value of the layer",
     .explanation = "Second smallest eigenvalue of the layer's Laplacian (all heads averaged, which can hide what single heads do).",
     .source = "Fiedler (1973)", .low = 1, .high = 0},
    {.id = "signal_fiedler_ratio", .title = "Fiedler value of the layer over the largest eigenvalue",
     .explanation = "Second smallest over largest eigenvalue of the layer's Laplacian; 0 when the graph falls apart.", .source = "after Noel"},
    {.id = "signal_connected", .title = "Layer graph is connected",
     .explanation = "1 when exactly one eigenvalue of the layer's Laplacian is below 1e-6, otherwise 0: a share over samples.", .source = "after Noel",
     .percent = true},
};

constexpr std::string_view kLaplacians[] = {"none", "rw", "sym"};
constexpr std::string_view kCutoffs[] = {"top10", "upper_half"};
constexpr ParameterSpec kParameters[] = {
    {.id = "laplacian", .title = "Laplacian",
     .explanation = "none: D - W. rw: I - D^-1 W, in the inner product weighted by D. sym: I - D^-1/2 W D^-1/2. Published versions differ.",
     .standard = 2, .choices = kLaplacians},
    {.id = "cutoff", .title = "High frequencies", .explanation = "top10: a tenth of the modes, rounded up. upper_half: modes T/2 and above.", .choices = kCutoffs},
};

Result<void> evaluate(const LayerEvidence& evidence, FamilyParameters parameters, std::span<double> values) {
    const int tokens = evidence.statistics.tokens;
    if (tokens < kShortestSample)
        return {};
    std::vector<std::shared_ptr<const HeadAttention>> heads;
    std::vector<std::span<const float>> matrices;
    for (int head = 0; head < evidence.statistics.heads; ++head) {
        SINKSCOPE_TRY(auto attention, evidence.attention(head));
        matrices.emplace_back(attention->weights);
        heads.push_back(std::move(attention));
    }
    SINKSCOPE_TRY(const SymmetricWeights weights, meanOfHeads(matrices, tokens));
    const auto signal = graphSignal(weights, evidence.hidden->values, static_cast<SignalLaplacian>(static_cast<int>(parameters[0])));
    if (!signal)
        return {};
    values[0] = signal->energy;
    values[1] = signal->smoothness;
    values[2] = signal->relativeSmoothness;
    values[3] = signal->entropy;
    values[4] = parameters[1] > 0 ? signal->highHalf : signal->highTenth;
    values[5] = signal->fiedler;
    if (signal->largest > 0)
        values[6] = signal->fiedler / signal->largest;
    values[7] = signal->connected ? 1 : 0;
    return {};
}

} // namespace

extern const FeatureFamily graph_signal;
const FeatureFamily graph_signal{.id = "graph_signal", .title = "Hidden states on the attention graph", .needs = kNeedsAttention | kNeedsHidden,
                                 .standard = false, .longest = 512, .metrics = kMetrics, .parameters = kParameters, .evaluateLayer = evaluate};

} // namespace sinkscope::registry_feature_families
