// SPDX-License-Identifier: Apache-2.0
// Whether queries point to the reference key before positions turn both (design note 3.6).
#include "core/analysis/feature_family.h"
#include "core/analysis/head_measures.h"

#include <algorithm>
#include <cmath>

namespace sinkscope::registry_feature_families {
namespace {

constexpr MetricSpec kMetrics[] = {
    {.id = "query_reference_unrotated", .title = "Cosine of queries with the reference key, before rotation",
     .explanation = "Mean over the queries that see it of cos(q_i, k_s) before the rotary embedding, s being the key that receives most attention. High where content alone "
                    "points at the reference, wherever it stands.",
     .source = "our definition, after Gu et al., ICLR 2025", .low = -1, .high = 1},
    {.id = "query_reference_turned", .title = "What rotation adds to that cosine",
     .explanation = "The same cosine after the rotary embedding, as the dot product sees it, minus that before. Below 0 where distance weakens what content asks for.",
     .source = "our definition", .low = -1, .high = 1},
};

double cosine(const HeadVectors& a, int i, const HeadVectors& b, int j) {
    const float* left = &a.values[static_cast<std::size_t>(i) * static_cast<std::size_t>(a.width)];
    const float* right = &b.values[static_cast<std::size_t>(j) * static_cast<std::size_t>(b.width)];
    double product = 0, first = 0, second = 0;
    for (int at = 0; at < a.width; ++at) {
        product += static_cast<double>(left[at]) * right[at];
        first += static_cast<double>(left[at]) * left[at];
        second += static_cast<double>(right[at]) * right[at];
    }
    return first > 0 && second > 0 ? product / std::sqrt(first * second) : std::nan("");
}

void evaluate(const HeadEvidence& evidence, FamilyParameters, std::span<double> values) {
    if (evidence.count() < kShortestSample)
        return;
    const auto reference = strongestToken(evidence.statistics, evidence.head, evidence.parameters);
    if (!reference)
        return;
    double before = 0, after = 0;
    int count = 0;
    const int first = evidence.statistics.causal ? std::max(*reference, 1) : 0; // query 0 of a causal model has no choice
    for (int query = first; query < evidence.count(); ++query) {
        const double own = cosine(*evidence.unrotatedQuery, query, *evidence.unrotatedKey, *reference), turned = cosine(*evidence.query, query, *evidence.key, *reference);
        if (std::isnan(own) || std::isnan(turned))
            continue;
        before += own;
        after += turned;
        ++count;
    }
    if (count > 0) {
        values[0] = before / count;
        values[1] = (after - before) / count;
    }
}

} // namespace

extern const FeatureFamily unrotated_cosine;
const FeatureFamily unrotated_cosine{.id = "unrotated_cosine", .title = "Queries and reference before rotation", .needs = kNeedsVectors | kNeedsUnrotated,
                                     .standard = false, .longest = 1 << 16, .metrics = kMetrics, .evaluateHead = evaluate};

} // namespace sinkscope::registry_feature_families
