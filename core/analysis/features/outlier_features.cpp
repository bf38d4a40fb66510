// SPDX-License-Identifier: Apache-2.0
// Features of the residual stream that are large at many positions in many layers (LLM.int8, Dettmers et al. 2022; design note 4.3).
#include "core/analysis/feature_family.h"

#include <algorithm>
#include <cmath>

namespace sinkscope::registry_feature_families {
namespace {

constexpr std::string_view kSource = "Dettmers et al., LLM.int8(), NeurIPS 2022";

constexpr MetricSpec kMetrics[] = {
    {.id = "outlier_features_layer", .title = "Outlier features of the layer",
     .explanation = "Features (places in the width of the model) of the hidden states after the layer whose magnitude is at least the size at no fewer than the share of the "
                    "positions. The published sizes, 6 and 6 %, describe large models.",
     .source = kSource, .low = 1, .high = 0},
    {.id = "outlier_features", .title = "Outlier features of the model",
     .explanation = "Features that are outliers in no fewer than the share of the captured layers, 25 % as published. Stands at the last captured layer, where it is known.",
     .source = kSource, .low = 1, .high = 0},
};
constexpr ParameterSpec kParameters[] = {
    {.id = "size", .title = "Size", .explanation = "Least magnitude of an outlier.", .low = 0, .high = 1e9, .standard = 6},
    {.id = "positions", .title = "Share of the positions", .explanation = "Least share of the tokens at which the feature has that size.", .low = 0, .high = 1, .standard = 0.06},
    {.id = "layers", .title = "Share of the layers", .explanation = "Least share of the captured layers in which it is an outlier.", .low = 0, .high = 1, .standard = 0.25},
};

struct State {
    int layers = 0;          ///< that went in
    std::vector<int> counts; ///< [width]: layers in which a feature was an outlier
};

/// Whether `count` of `all` is the share or more, and any at all.
bool isShare(int count, int all, double share) { return count > 0 && count >= share * all - 1e-9; }

Result<void> evaluate(const LayerEvidence& evidence, FamilyParameters parameters, std::span<double> values) {
    const HeadVectors& hidden = *evidence.hidden;
    if (hidden.values.empty() || !std::ranges::all_of(hidden.values, [](float value) { return std::isfinite(value); }))
        return {};
    auto state = std::static_pointer_cast<State>(evidence.state);
    if (!state) {
        state = std::make_shared<State>(State{0, std::vector<int>(static_cast<std::size_t>(hidden.width), 0)});
        evidence.state = state;
    }
    std::vector<int> large(static_cast<std::size_t>(hidden.width), 0);
    for (std::size_t at = 0; at < hidden.values.size(); ++at)
        large[at % large.size()] += std::abs(hidden.values[at]) >= parameters[0] ? 1 : 0;
    int here = 0, everywhere = 0;
    ++state->layers;
    for (std::size_t feature = 0; feature < large.size(); ++feature) {
        const bool isOutlier = isShare(large[feature], hidden.tokens, parameters[1]);
        here += isOutlier ? 1 : 0;
        state->counts[feature] += isOutlier ? 1 : 0;
        everywhere += isShare(state->counts[feature], state->layers, parameters[2]) ? 1 : 0;
    }
    values[0] = here;
    if (evidence.last)
        values[1] = everywhere;
    return {};
}

} // namespace

extern const FeatureFamily outlier_features;
const FeatureFamily outlier_features{.id = "outlier_features", .title = "Outlier features", .needs = kNeedsHidden, .longest = 1 << 16, .metrics = kMetrics,
                                     .parameters = kParameters, .evaluateLayer = evaluate};

} // namespace sinkscope::registry_feature_families
