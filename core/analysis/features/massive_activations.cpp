// SPDX-License-Identifier: Apache-2.0
// Single numbers of the residual stream that dwarf all others (design note 4.3).
#include "core/analysis/feature_family.h"

#include <algorithm>
#include <cmath>

namespace sinkscope::registry_feature_families {
namespace {

constexpr std::string_view kSource = "Sun et al., Massive Activations in Large Language Models, 2024";

constexpr MetricSpec kMetrics[] = {
    {.id = "activation_top", .title = "Largest activation",
     .explanation = "Largest magnitude in the hidden states after the layer.", .source = kSource, .low = 1, .high = 0},
    {.id = "activation_top_ratio", .title = "Largest activation over the median",
     .explanation = "Largest magnitude over the median magnitude of the hidden states after the layer. Hundreds to thousands in layers with "
                    "massive activations, of the order of ten without; works for models of any size.",
     .source = kSource, .low = 1, .high = 0},
    {.id = "activation_massive", .title = "Massive activations",
     .explanation = "Numbers in the hidden states that are above the absolute size and at least the ratio times the median magnitude, both "
                    "parameters. The published sizes, 100 and 1000, describe large models.",
     .source = kSource, .low = 1, .high = 0},
    {.id = "activation_massive_ratio", .title = "Massive activations by the ratio alone",
     .explanation = "Numbers in the hidden states at least the ratio times the median magnitude, whatever their absolute size.", .source = kSource,
     .low = 1, .high = 0},
    {.id = "activation_feature", .title = "Feature of the largest activation",
     .explanation = "Position in the width of the model, from 0, of the largest magnitude. Look at the values of single samples: a mean of "
                    "positions means nothing unless all agree.",
     .source = kSource, .low = 1, .high = 0},
    {.id = "activation_token", .title = "Token of the largest activation",
     .explanation = "Position in the text, from 0, of the token that holds the largest magnitude.", .source = kSource, .low = 1, .high = 0},
    {.id = "activation_kurtosis", .title = "Kurtosis of the hidden states",
     .explanation = "Fourth central moment over the squared variance of all numbers of the hidden states after the layer: 3 for normally "
                    "distributed ones, up to their count for a single outlier.",
     .source = "standard", .low = 1, .high = 0},
};

constexpr ParameterSpec kParameters[] = {
    {.id = "absolute", .title = "Absolute size", .explanation = "Magnitude that a massive activation must exceed.", .low = 0, .high = 1e9,
     .standard = 100},
    {.id = "ratio", .title = "Ratio to the median", .explanation = "Multiple of the layer's median magnitude that it must reach.", .low = 1,
     .high = 1e9, .standard = 1000},
};

double medianOf(std::vector<float>& values) {
    const std::size_t half = values.size() / 2;
    std::ranges::nth_element(values, values.begin() + static_cast<std::ptrdiff_t>(half));
    const double upper = values[half];
    if (values.size() % 2 == 1)
        return upper;
    return (upper + *std::max_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(half))) / 2;
}

double kurtosisOf(std::span<const float> values) {
    double mean = 0, squares = 0, fourths = 0;
    for (const float value : values)
        mean += value;
    mean /= static_cast<double>(values.size());
    for (const float value : values) {
        const double square = (value - mean) * (value - mean);
        squares += square;
        fourths += square * square;
    }
    return squares > 0 ? fourths * static_cast<double>(values.size()) / (squares * squares) : std::nan("");
}

Result<void> evaluate(const LayerEvidence& evidence, FamilyParameters parameters, std::span<double> values) {
    const HeadVectors& hidden = *evidence.hidden;
    if (hidden.values.empty() || !std::ranges::all_of(hidden.values, [](float value) { return std::isfinite(value); }))
        return {};
    std::vector<float> magnitudes(hidden.values.size());
    std::ranges::transform(hidden.values, magnitudes.begin(), [](float value) { return std::abs(value); });
    const auto largest = std::ranges::max_element(magnitudes) - magnitudes.begin();
    const double top = magnitudes[static_cast<std::size_t>(largest)];
    if (top == 0)
        return {};
    const double median = medianOf(magnitudes); // reorders them
    const auto byRatio = [&](float value) { return value >= parameters[1] * median && value > 0; };
    values[0] = top;
    values[1] = top / median; // infinite when more than half are zero
    values[2] = static_cast<double>(std::ranges::count_if(magnitudes, [&](float value) { return value > parameters[0] && byRatio(value); }));
    values[3] = static_cast<double>(std::ranges::count_if(magnitudes, byRatio));
    values[4] = static_cast<double>(largest % hidden.width);
    values[5] = static_cast<double>(largest / hidden.width);
    values[6] = kurtosisOf(hidden.values);
    return {};
}

} // namespace

extern const FeatureFamily massive_activations;
const FeatureFamily massive_activations{.id = "massive_activations", .title = "Massive activations", .needs = kNeedsHidden, .longest = 1 << 16,
                                        .metrics = kMetrics, .parameters = kParameters, .evaluateLayer = evaluate};

} // namespace sinkscope::registry_feature_families
