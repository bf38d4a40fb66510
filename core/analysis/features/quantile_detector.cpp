// SPDX-License-Identifier: Apache-2.0
// The plain detector by quantile and frequency with all its options, on recomputed matrices. It needs the quantile of a head, a layer or the
// whole model, so that it works on layers.
#include "core/analysis/feature_family.h"
#include "core/analysis/head_measures.h"
#include "core/analysis/quantile_sinks.h"

#include <algorithm>

namespace sinkscope::registry_feature_families {
namespace {

constexpr std::string_view kSource = "threshold and frequency rule of the attention-sink literature; its options are ours, no paper's";
constexpr MetricSpec kMetrics[] = {
    {.id = "quantile_sinks", .title = "Sinks by the plain quantile rule",
     .explanation = "Mean over the heads of the number of keys that at least the share gamma of the queries give a weight of the quantile tau. Heads "
                    "with a clean sink make it degenerate: from 20 tokens on tau is 0 and every key counts. Compare with Sinks, the robust form.",
     .source = kSource, .low = 0, .high = -1},
    {.id = "quantile_first", .title = "Heads whose first token is a sink by the plain rule",
     .explanation = "Share of the heads of the layer in which the plain rule names token 0.", .source = kSource, .percent = true},
    {.id = "quantile_threshold", .title = "Threshold of the plain rule",
     .explanation = "tau, mean over the heads: the quantile of the weights of the head, the layer or the model.", .source = kSource},
};

constexpr std::string_view kScopes[] = {"head", "layer", "model"}, kHidden[] = {"exclude", "include"}, kComparison[] = {"at_least", "above"},
                           kFirst[] = {"keep", "drop"}, kFloor[] = {"none", "uniform"};
constexpr ParameterSpec kParameters[] = {
    {.id = "quantile", .title = "Quantile", .explanation = "tau is this quantile of the weights.", .low = 0, .high = 1, .standard = 0.9},
    {.id = "scope", .title = "Quantile of", .explanation = "Whose weights: a head's, a layer's, or those of all captured layers.", .choices = kScopes},
    {.id = "hidden", .title = "Zeros above the diagonal", .explanation = "Whether the zeros of keys that a query cannot see count for the quantile.",
     .choices = kHidden},
    {.id = "comparison", .title = "A hit is", .explanation = "A weight of at least tau, or above it.", .choices = kComparison},
    {.id = "frequency", .title = "Frequency", .explanation = "gamma: share of the queries that must hit a sink.", .low = 0, .high = 1, .standard = 0.4},
    {.id = "visible", .title = "Visible share", .explanation = "rho: a candidate is seen by at least this share of the queries.", .low = 0, .high = 1,
     .standard = 0.3},
    {.id = "queries", .title = "Fewest queries", .explanation = "A candidate is seen by at least this many queries.", .low = 1, .high = 1000000,
     .standard = 1, .integer = true},
    {.id = "first", .title = "First query", .explanation = "Whether query 0 of a causal head, which sees only itself, counts.", .choices = kFirst},
    {.id = "floor", .title = "Floor of a hit", .explanation = "Whether a hit must also be above an even share of what the query sees.",
     .choices = kFloor},
};

Result<float> modelQuantile(const LayerEvidence& evidence, const QuantileRule& rule) {
    std::vector<std::shared_ptr<const HeadAttention>> owned;
    std::vector<const HeadAttention*> heads;
    for (const int layer : evidence.finishedLayers)
        for (int head = 0; head < evidence.statistics.heads; ++head) {
            SINKSCOPE_TRY(auto attention, evidence.attentionOf(layer, head));
            heads.push_back(attention.get());
            owned.push_back(std::move(attention));
        }
    return pooledQuantile(heads, rule);
}

Result<void> evaluate(const LayerEvidence& evidence, FamilyParameters parameters, std::span<double> values) {
    if (evidence.statistics.tokens < kShortestSample)
        return {};
    const QuantileRule rule{.quantile = parameters[0], .frequency = parameters[4], .visibleShare = parameters[5],
                            .minimumQueries = static_cast<int>(parameters[6]), .includeHidden = parameters[2] != 0, .strict = parameters[3] != 0,
                            .dropFirst = parameters[7] != 0, .aboveUniform = parameters[8] != 0};
    const bool ofHeads = parameters[1] == 0, ofModel = parameters[1] == 2;
    if (ofModel && !evidence.state) {
        SINKSCOPE_TRY(const float threshold, modelQuantile(evidence, rule));
        evidence.state = std::make_shared<float>(threshold);
    }
    std::vector<std::shared_ptr<const HeadAttention>> owned;
    std::vector<const HeadAttention*> heads;
    for (int head = 0; head < evidence.statistics.heads; ++head) {
        SINKSCOPE_TRY(auto attention, evidence.attention(head));
        heads.push_back(attention.get());
        owned.push_back(std::move(attention));
    }
    const float shared = ofModel ? *std::static_pointer_cast<float>(evidence.state) : ofHeads ? 0.0F : pooledQuantile(heads, rule);
    double sinks = 0, first = 0, thresholds = 0;
    for (const HeadAttention* head : heads) {
        const float threshold = ofHeads ? pooledQuantile(std::span(&head, 1), rule) : shared;
        const std::vector<int> found = quantileSinks(*head, threshold, rule);
        sinks += static_cast<double>(found.size());
        first += !found.empty() && found.front() == 0 ? 1 : 0;
        thresholds += threshold;
    }
    const auto count = static_cast<double>(heads.size());
    values[0] = sinks / count;
    values[1] = first / count;
    values[2] = thresholds / count;
    return {};
}

} // namespace

extern const FeatureFamily quantile_detector;
const FeatureFamily quantile_detector{.id = "quantile_detector", .title = "Plain quantile detector of sinks", .standard = false, .longest = 512,
                                      .metrics = kMetrics, .parameters = kParameters, .evaluateLayer = evaluate};

} // namespace sinkscope::registry_feature_families
