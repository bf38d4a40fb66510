// SPDX-License-Identifier: Apache-2.0
// How much of the residual stream one direction holds, and what the first token's norm alone enforces (design note 4.5). The hidden states
// after a layer, [tokens, width], as they are: not centred.
#include "core/analysis/feature_family.h"
#include "core/analysis/head_measures.h"
#include "core/math/spectral/singular_spectrum.h"

#include <algorithm>
#include <cmath>

namespace sinkscope::registry_feature_families {
namespace {

constexpr std::string_view kSource = "Attention sinks and compression valleys, 2025 (arXiv 2510.06477)";

constexpr MetricSpec kMetrics[] = {
    {.id = "hidden_entropy", .title = "Matrix entropy of the hidden states",
     .explanation = "-sum p log p in nats with p = sigma^2 / sum sigma^2 of the matrix of hidden states after the layer. 0 when all tokens lie on "
                    "one line; falls in layers where one token's norm dominates.",
     .source = kSource, .low = 1, .high = 0},
    {.id = "hidden_entropy_share", .title = "Matrix entropy, share of the possible",
     .explanation = "The matrix entropy of the hidden states divided by ln min(tokens, width), to compare texts of different length.",
     .source = kSource, .percent = true},
    {.id = "hidden_anisotropy", .title = "Anisotropy of the hidden states",
     .explanation = "Share of the squared norm of all hidden states that lies along one direction: sigma_1^2 / sum sigma^2.", .source = kSource,
     .percent = true},
    {.id = "hidden_first_ratio", .title = "Norm of the first hidden state",
     .explanation = "Norm of the hidden state of the first token over the mean norm of the others after the layer.", .source = kSource, .low = 1,
     .high = 0},
    {.id = "hidden_alignment", .title = "Alignment with the first hidden state",
     .explanation = "alpha: mean of cos^2 with the first token's hidden state, weighted by the squared norms of the other tokens.",
     .source = kSource, .percent = true},
    {.id = "hidden_anisotropy_bound", .title = "Anisotropy enforced by the first token",
     .explanation = "p = (c + alpha) / (c + 1) with c = squared norm of the first hidden state over the sum of the others'. The anisotropy is at "
                    "least p, whatever else the layer does; where both are close, the first token explains the compression.",
     .source = kSource, .percent = true},
    {.id = "hidden_entropy_bound", .title = "Largest matrix entropy that the first token allows",
     .explanation = "-p ln p - (1-p) ln(1-p) + (1-p) ln(r-1) with the bound p of the anisotropy and r = min(tokens, width), nats; no value where "
                    "p < 1/r.",
     .source = kSource, .low = 1, .high = 0},
    {.id = "mixing_score", .title = "Mixing score",
     .explanation = "Mean entropy of the attention rows of all heads divided by ln(tokens). Unlike the share of the possible entropy it is "
                    "below 1 for uniform causal attention, whose early queries see few keys.",
     .source = kSource, .percent = true},
};

/// Squared norms and alignment of the first token and the rest.
struct FirstToken {
    double own = 0, others = 0, aligned = 0; ///< |x_0|^2, sum |x_i|^2, sum |x_i|^2 cos^2
    double ratio = 0;                        ///< norm over the mean norm of the others
};

FirstToken measureFirst(const HeadVectors& hidden) {
    const auto width = static_cast<std::size_t>(hidden.width);
    const float* first = hidden.values.data();
    FirstToken result;
    for (std::size_t j = 0; j < width; ++j)
        result.own += static_cast<double>(first[j]) * first[j];
    double norms = 0;
    for (int i = 1; i < hidden.tokens; ++i) {
        const float* row = first + static_cast<std::size_t>(i) * width;
        double square = 0, product = 0;
        for (std::size_t j = 0; j < width; ++j) {
            square += static_cast<double>(row[j]) * row[j];
            product += static_cast<double>(row[j]) * first[j];
        }
        result.others += square;
        result.aligned += result.own > 0 ? product * product / result.own : 0;
        norms += std::sqrt(square);
    }
    result.ratio = std::sqrt(result.own) * (hidden.tokens - 1) / norms;
    return result;
}

double entropyBound(double p, double rank) {
    const double rest = 1 - p;
    return (p > 0 ? -p * std::log(p) : 0) + (rest > 0 ? -rest * std::log(rest) + rest * std::log(rank - 1) : 0);
}

double mixingScore(const LayerStatistics& statistics) {
    double sum = 0;
    for (const float entropy : statistics.rowEntropy)
        sum += entropy;
    return sum / static_cast<double>(statistics.rowEntropy.size()) / std::log(static_cast<double>(statistics.tokens));
}

Result<void> evaluate(const LayerEvidence& evidence, FamilyParameters, std::span<double> values) {
    const HeadVectors& hidden = *evidence.hidden;
    if (hidden.tokens < kShortestSample || hidden.width < 2)
        return {};
    values[7] = mixingScore(evidence.statistics);
    const auto tokens = static_cast<std::size_t>(hidden.tokens), width = static_cast<std::size_t>(hidden.width);
    SINKSCOPE_TRY(const std::vector<double> energies, squaredSingularValues(hidden.values, tokens, width));
    if (!(energies[0] > 0) || !std::isfinite(energies[0]))
        return {}; // all zero, or not numbers: nothing to say
    const double rank = static_cast<double>(energies.size());
    values[0] = spectralEntropy(energies);
    values[1] = values[0] / std::log(rank);
    values[2] = 1 / stableRank(energies);
    const FirstToken first = measureFirst(hidden);
    if (!(first.own > 0) || !(first.others > 0))
        return {};
    const double p = (first.own + first.aligned) / (first.own + first.others);
    values[3] = first.ratio;
    values[4] = first.aligned / first.others;
    values[5] = p;
    if (p >= 1 / rank)
        values[6] = entropyBound(std::min(p, 1.0), rank);
    return {};
}

} // namespace

extern const FeatureFamily hidden_geometry;
const FeatureFamily hidden_geometry{.id = "hidden_geometry", .title = "Geometry of hidden states", .needs = kNeedsHidden, .metrics = kMetrics,
                                    .evaluateLayer = evaluate};

} // namespace sinkscope::registry_feature_families
