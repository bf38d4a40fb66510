// SPDX-License-Identifier: Apache-2.0
// Attention rows as points of the probability simplex (design note 3.9). Means over the queries that see at least two keys.
#include "core/math/information/simplex_fisher.h"
#include "core/analysis/feature_family.h"
#include "core/analysis/head_measures.h"

#include <cmath>
#include <limits>

namespace sinkscope::registry_feature_families {
namespace {

constexpr MetricSpec kMetrics[] = {
    {.id = "fisher_trace", .title = "Fisher information of the logits",
     .explanation = "Mean trace of diag(p) - p p' of a row p: 1 - sum p^2. 0 when every query looks at one key (a vertex of the simplex), "
                    "1 - 1/n for uniform attention over n keys.",
     .source = "our reconstruction of the paper's Fisher analysis"},
    {.id = "fisher_log_det", .title = "Log determinant of the Fisher information",
     .explanation = "Mean of log(n prod p) / (n - 1), the pseudo-determinant per dimension: -ln n for uniform attention, lower towards the border "
                    "of the simplex. Taken from the logits, so that weights too small for float32 count. Rows with a logit of -infinity lie on the "
                    "border (a vertex is one of them) and are left out; no value when all do.",
     .source = "our reconstruction of the paper's Fisher analysis", .low = 1, .high = 0},
    {.id = "fisher_temperature", .title = "Fisher information of the temperature",
     .explanation = "Mean variance of the logits of a row under its own weights: the Fisher information with respect to the inverse temperature. "
                    "0 for equal logits and at a vertex.",
     .source = "our reconstruction of the paper's Fisher analysis", .low = 1, .high = 0},
    {.id = "fisher_rao_uniform", .title = "Fisher-Rao distance to uniform attention",
     .explanation = "Mean of 2 arccos(sum of sqrt(p_j / n)): 0 for uniform attention, 2 arccos(1/sqrt n) at a vertex.",
     .source = "Rao 1945", .low = 0, .high = 3.141592653589793},
    {.id = "fisher_rao_vertex", .title = "Fisher-Rao distance to the strongest key",
     .explanation = "Mean of 2 arccos(sqrt(largest p)): 0 when every query looks at one key.", .source = "Rao 1945", .low = 0,
     .high = 3.141592653589793},
    {.id = "fisher_rao_step", .title = "Fisher-Rao distance of successive rows",
     .explanation = "Mean of 2 arccos(sum of sqrt(p_j q_j)) of successive queries; query 0 of a causal model left out. 0 for a perfect sink, pi when "
                    "successive queries share no key.",
     .source = "Rao 1945", .low = 0, .high = 3.141592653589793},
};

void evaluate(const HeadEvidence& evidence, FamilyParameters, std::span<double> values) {
    const int tokens = evidence.count(), first = evidence.statistics.causal ? 1 : 0;
    if (tokens < kShortestSample)
        return;
    double sums[6] = {};
    int inside = 0;
    std::span<const float> previous;
    for (int i = first; i < tokens; ++i) {
        const auto visible = static_cast<std::size_t>(evidence.visible(i));
        const std::span<const float> row = evidence.row(i).first(visible);
        const auto logits = std::span(evidence.attention->logits).subspan(static_cast<std::size_t>(i) * static_cast<std::size_t>(tokens), visible);
        sums[0] += fisherTrace(row);
        const double determinant = fisherLogDeterminant(row, logits);
        inside += std::isfinite(determinant) ? 1 : 0;
        sums[1] += std::isfinite(determinant) ? determinant : 0;
        sums[2] += temperatureFisher(row, logits);
        sums[3] += fisherRaoToUniform(row);
        sums[4] += fisherRaoToVertex(row);
        sums[5] += i > first ? fisherRaoDistance(previous, row) : 0;
        previous = row;
    }
    const int counts[6] = {tokens - first, inside, tokens - first, tokens - first, tokens - first, tokens - first - 1};
    for (std::size_t m = 0; m < 6; ++m)
        values[m] = counts[m] > 0 ? sums[m] / counts[m] : std::numeric_limits<double>::quiet_NaN();
}

} // namespace

extern const FeatureFamily simplex_fisher;
const FeatureFamily simplex_fisher{.id = "simplex_fisher", .title = "Attention on the probability simplex", .metrics = kMetrics,
                                   .evaluateHead = evaluate};

} // namespace sinkscope::registry_feature_families
