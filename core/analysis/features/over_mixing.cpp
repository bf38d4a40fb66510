// SPDX-License-Identifier: Apache-2.0
// How different the values of a head are from each other (design note 4.4).
#include "core/analysis/feature_family.h"
#include "core/analysis/head_measures.h"

#include <cmath>

namespace sinkscope::registry_feature_families {
namespace {

constexpr MetricSpec kMetrics[] = {
    {.id = "over_mixing", .title = "Distance of the values from their mean",
     .explanation = "mu(V): Frobenius norm of the value vectors minus their mean over the tokens. 0 exactly when all tokens are alike, which is "
                    "what over-mixing leads to. Of the head's key/value group.",
     .source = "Barbero et al., Why do LLMs attend to the first token?, 2025 (arXiv 2504.02732)", .low = 1, .high = 0},
    {.id = "over_mixing_share", .title = "Distance of the values from their mean, share",
     .explanation = "mu(V) divided by the Frobenius norm of the value vectors: 0 when all tokens are alike, 1 when their mean is zero.",
     .source = "our normalisation", .percent = true},
};

void evaluate(const HeadEvidence& evidence, FamilyParameters, std::span<double> values) {
    const HeadVectors& vectors = *evidence.value;
    if (vectors.tokens < kShortestSample)
        return;
    const auto width = static_cast<std::size_t>(vectors.width);
    std::vector<double> mean(width, 0.0);
    for (std::size_t at = 0; at < vectors.values.size(); ++at)
        mean[at % width] += vectors.values[at] / static_cast<double>(vectors.tokens);
    double spread = 0, total = 0;
    for (std::size_t at = 0; at < vectors.values.size(); ++at) {
        const double value = vectors.values[at], difference = value - mean[at % width];
        spread += difference * difference;
        total += value * value;
    }
    if (!std::isfinite(total))
        return;
    values[0] = std::sqrt(spread);
    if (total > 0)
        values[1] = std::sqrt(spread / total);
}

} // namespace

extern const FeatureFamily over_mixing;
const FeatureFamily over_mixing{.id = "over_mixing", .title = "Over-mixing", .needs = kNeedsVectors, .longest = 1 << 20, .metrics = kMetrics,
                                .evaluateHead = evaluate};

} // namespace sinkscope::registry_feature_families
