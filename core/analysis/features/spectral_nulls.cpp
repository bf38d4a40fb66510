// SPDX-License-Identifier: Apache-2.0
// How far the singular values of a head are from those of attention without structure between its rows (design note 3.7, 4.10).
#include "core/analysis/feature_family.h"
#include "core/analysis/head_measures.h"
#include "core/math/spectral/attention_nulls.h"
#include "core/math/spectral/singular_spectrum.h"

#include <cmath>

namespace sinkscope::registry_feature_families {
namespace {

constexpr std::string_view kSource = "our reconstruction of the paper's random-matrix analysis";

constexpr MetricSpec kMetrics[] = {
    {.id = "null_shuffled", .title = "Distance to shuffled rows",
     .explanation = "Mean over draws of the Wasserstein-1 distance (mean difference) of the sorted singular values to those of the same rows with "
                    "their visible entries in random order. Compare with the distance between two draws.",
     .source = kSource, .low = 1, .high = 0},
    {.id = "null_shuffled_floor", .title = "Distance between two draws of shuffled rows",
     .explanation = "Mean Wasserstein-1 distance of the singular values of successive draws: what chance alone makes of the distance.",
     .source = kSource, .low = 1, .high = 0},
    {.id = "null_entropy", .title = "Distance to random rows of the same entropy",
     .explanation = "The distance of the singular values to softmax rows of normal numbers, sharpened until every row has the original entropy.",
     .source = kSource, .low = 1, .high = 0},
    {.id = "null_entropy_floor", .title = "Distance between two draws of the same entropy",
     .explanation = "Mean Wasserstein-1 distance of the singular values of successive draws with the entropies of the rows.", .source = kSource,
     .low = 1, .high = 0},
    {.id = "null_variance", .title = "Distance to random logits of the same variance",
     .explanation = "The distance of the singular values to softmax rows of normal numbers with the variance of the row's logits.",
     .source = kSource, .low = 1, .high = 0},
    {.id = "null_variance_floor", .title = "Distance between two draws of the same variance",
     .explanation = "Mean Wasserstein-1 distance of the singular values of successive draws with the variances of the logits.", .source = kSource,
     .low = 1, .high = 0},
    {.id = "null_gaussian", .title = "Distance to normal entries",
     .explanation = "The distance of the singular values to a matrix of normal numbers with the mean and variance of the visible entries and the "
                    "same mask. Its rows do not sum to 1, so attention is always some way from it.",
     .source = kSource, .low = 1, .high = 0},
    {.id = "null_gaussian_floor", .title = "Distance between two draws of normal entries",
     .explanation = "Mean Wasserstein-1 distance of the singular values of successive draws of normal entries.", .source = kSource, .low = 1,
     .high = 0},
};

constexpr ParameterSpec kParameters[] = {
    {.id = "draws", .title = "Draws", .explanation = "Random matrices of every kind for each head.", .low = 2, .high = 1000, .standard = 10, .integer = true},
    {.id = "seed", .title = "Seed", .explanation = "Of the random numbers. Heads, layers and samples get numbers of their own from it.", .low = 0,
     .high = 4294967295, .standard = 1, .integer = true},
};

std::vector<double> singularValues(std::span<const float> matrix, std::size_t tokens) {
    std::vector<double> values = *squaredSingularValues(matrix, tokens, tokens);
    for (double& value : values)
        value = std::sqrt(value);
    return values;
}

void evaluate(const HeadEvidence& evidence, FamilyParameters parameters, std::span<double> values) {
    if (evidence.count() < kShortestSample)
        return;
    const auto tokens = static_cast<std::size_t>(evidence.count());
    const HeadAttention& attention = *evidence.attention;
    const std::vector<double> own = singularValues(attention.weights, tokens);
    const auto draws = static_cast<int>(parameters[0]);
    for (const AttentionNull kind : {AttentionNull::Shuffled, AttentionNull::MatchedEntropy, AttentionNull::MatchedVariance, AttentionNull::Gaussian}) {
        const auto index = static_cast<std::size_t>(kind);
        double distance = 0, between = 0;
        std::vector<double> before;
        for (int draw = 0; draw < draws; ++draw) {
            SeededRandom random{static_cast<std::uint64_t>(parameters[1]), static_cast<std::uint64_t>(evidence.statistics.sample),
                                static_cast<std::uint64_t>(evidence.statistics.layer), static_cast<std::uint64_t>(evidence.head), index,
                                static_cast<std::uint64_t>(draw)};
            std::vector<double> null =
                singularValues(drawNull(kind, attention.weights, attention.logits, tokens, evidence.statistics.causal, random), tokens);
            distance += wassersteinDistance(own, null);
            between += draw > 0 ? wassersteinDistance(before, null) : 0;
            before = std::move(null);
        }
        values[2 * index] = distance / draws;
        values[2 * index + 1] = between / (draws - 1);
    }
}

} // namespace

extern const FeatureFamily spectral_nulls;
const FeatureFamily spectral_nulls{.id = "spectral_nulls", .title = "Singular values against chance", .standard = false, .longest = 256,
                                   .metrics = kMetrics, .parameters = kParameters, .evaluateHead = evaluate};

} // namespace sinkscope::registry_feature_families
