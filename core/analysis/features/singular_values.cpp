// SPDX-License-Identifier: Apache-2.0
// The singular values of a head's attention matrix (design note 3.7), all queries included.
#include "core/analysis/feature_family.h"
#include "core/analysis/head_measures.h"
#include "core/math/spectral/singular_spectrum.h"

#include <cmath>

namespace sinkscope::registry_feature_families {
namespace {

constexpr MetricSpec kMetrics[] = {
    {.id = "sv_largest", .title = "Largest singular value",
     .explanation = "sigma_1 of the attention matrix of all queries. The root of T for a perfect sink, 1 for a head that looks at itself, "
                    "below 2 for uniform causal attention.",
     .source = "standard", .low = 1, .high = 0},
    {.id = "sv_gap_ratio", .title = "Singular value ratio",
     .explanation = "sigma_1 / sigma_2. 1 when no direction dominates; infinite for a matrix of rank one, as a perfect sink or an equal pair "
                    "of sinks is (sigma_2 within float32 rounding of 0). Averages over heads are better taken of sigma_2 / sigma_1.",
     .source = "our reconstruction of the paper's spectral gap, variant 1", .low = 1, .high = 0},
    {.id = "sv_second_share", .title = "Second singular value, share of the first",
     .explanation = "sigma_2 / sigma_1: the ratio turned over, so that rank one is 0 and everything can be averaged.",
     .source = "our definition", .percent = true},
    {.id = "sv_gap", .title = "Singular value gap",
     .explanation = "sigma_1 - sigma_2, the gap that drives rank collapse in width.",
     .source = "Saada et al., Mind the Gap, 2024 (arXiv 2410.07799)", .low = 1, .high = 0},
    {.id = "sv_participation", .title = "Participation ratio of the spectrum",
     .explanation = "(sum sigma^2)^2 / sum sigma^4: 1 for rank one, T for a head that looks at itself. It does not count anchors: two equal "
                    "anchors have rank one.",
     .source = "our reconstruction of the paper's spectral analysis", .low = 1, .high = 0},
    {.id = "sv_entropy", .title = "Entropy of the spectrum",
     .explanation = "-sum p log p in nats with p = sigma^2 / sum sigma^2. 0 for rank one, ln T when all singular values are equal.",
     .source = "standard (SVD entropy)", .low = 1, .high = 0},
    {.id = "sv_top_energy", .title = "Energy in the top component",
     .explanation = "sigma_1^2 / sum sigma^2: the share of the squared weights that one direction explains. 1 for rank one.",
     .source = "standard", .percent = true},
    {.id = "sv_rank", .title = "Numerical rank",
     .explanation = "Singular values above T times the rounding of float32 times the largest. 1 for a perfect sink, T for uniform causal "
                    "attention.",
     .source = "standard", .low = 1, .high = 0},
};

void evaluate(const HeadEvidence& evidence, FamilyParameters, std::span<double> values) {
    if (evidence.count() < kShortestSample)
        return;
    const auto tokens = static_cast<std::size_t>(evidence.count());
    const std::vector<double> energies = *squaredSingularValues(evidence.attention->weights, tokens, tokens);
    if (!(energies[0] > 0)) // nothing, or not finite
        return;
    const int rank = numericalRank(energies, rankTolerance(tokens, tokens));
    const double first = std::sqrt(energies[0]), second = rank > 1 ? std::sqrt(energies[1]) : 0.0;
    values[0] = first;
    values[1] = first / second; // infinity where the second is zero
    values[2] = second / first;
    values[3] = first - second;
    values[4] = participationRatio(energies);
    values[5] = spectralEntropy(energies);
    values[6] = 1 / stableRank(energies);
    values[7] = rank;
}

} // namespace

extern const FeatureFamily singular_values;
const FeatureFamily singular_values{.id = "singular_values", .title = "Singular values of attention", .longest = 512, .metrics = kMetrics,
                                    .evaluateHead = evaluate};

} // namespace sinkscope::registry_feature_families
