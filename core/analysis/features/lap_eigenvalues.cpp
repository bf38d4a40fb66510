// SPDX-License-Identifier: Apache-2.0
// Eigenvalues of the directed Laplacian of a head, and the mean logarithm of its diagonal (design note 4.9).
#include "core/math/graph/lap_eigenvalues.h"

#include "core/analysis/feature_family.h"
#include "core/analysis/head_measures.h"

#include <algorithm>

namespace sinkscope::registry_feature_families {
namespace {

#define SINKSCOPE_LAP_METRIC(rank, ordinal)                                                                                              \
    {.id = "lap_eigenvalue_" rank, .title = ordinal " eigenvalue of the directed Laplacian",                                             \
     .explanation = "Of the values (mean weight on key i over the queries that see it) - A_ii in falling order, this is number " rank      \
                    ". With a causal mask they are the eigenvalues of D - A; all are 0 for a perfect sink. Without a mask they are the "   \
                    "diagonal only.",                                                                                                    \
     .source = "LapEigvals (2025)", .low = 1, .high = 0}

#define SINKSCOPE_DIAGONAL_METRIC(rank, ordinal)                                                                                         \
    {.id = "attention_eigenvalue_" rank, .title = ordinal " eigenvalue of attention",                                                    \
     .explanation = "Of the weights A_ii in falling order, this is number " rank                                                          \
                    ". With a causal mask they are the eigenvalues of A; the first is always 1 then (query 0), and powers of A move all "  \
                    "weight to token 0 at the speed of the second. Without a mask they are the diagonal only.",                          \
     .source = "AttnEigvals, as used by LapEigvals (2025)", .low = 0, .high = 1}

constexpr MetricSpec kMetrics[] = {
    SINKSCOPE_LAP_METRIC("1", "First"),  SINKSCOPE_LAP_METRIC("2", "Second"), SINKSCOPE_LAP_METRIC("3", "Third"),
    SINKSCOPE_LAP_METRIC("4", "Fourth"), SINKSCOPE_LAP_METRIC("5", "Fifth"),
    {.id = "attention_score", .title = "Mean log self-attention",
     .explanation = "Mean over the tokens of log A_ii; a weight below 1e-12 counts as 1e-12, so that one that underflowed does not outweigh the head. 0 "
                    "when every token looks at itself only.",
     .source = "AttnScore, as used by LapEigvals (2025)", .low = 1, .high = 0},
    SINKSCOPE_DIAGONAL_METRIC("1", "First"),  SINKSCOPE_DIAGONAL_METRIC("2", "Second"), SINKSCOPE_DIAGONAL_METRIC("3", "Third"),
    SINKSCOPE_DIAGONAL_METRIC("4", "Fourth"), SINKSCOPE_DIAGONAL_METRIC("5", "Fifth"),
};
#undef SINKSCOPE_LAP_METRIC
#undef SINKSCOPE_DIAGONAL_METRIC
constexpr std::size_t kLeading = 5;

void evaluate(const HeadEvidence& evidence, FamilyParameters, std::span<double> values) {
    if (evidence.count() < kShortestSample)
        return;
    const std::span<const float> weights = evidence.attention->weights;
    if (const auto eigenvalues = lapEigenvalues(weights, evidence.count(), evidence.statistics.causal))
        std::copy_n(eigenvalues->begin(), std::min(kLeading, eigenvalues->size()), values.begin());
    if (const auto score = attentionScore(weights, evidence.count()))
        values[kLeading] = *score;
    std::vector<double> diagonal;
    for (int token = 0; token < evidence.count(); ++token)
        diagonal.push_back(evidence.row(token)[static_cast<std::size_t>(token)]);
    std::ranges::sort(diagonal, std::greater<>());
    std::copy_n(diagonal.begin(), std::min(kLeading, diagonal.size()), values.begin() + kLeading + 1);
}

} // namespace

extern const FeatureFamily lap_eigenvalues;
const FeatureFamily lap_eigenvalues{.id = "lap_eigenvalues", .title = "Directed Laplacian", .metrics = kMetrics, .evaluateHead = evaluate};

} // namespace sinkscope::registry_feature_families
