// SPDX-License-Identifier: Apache-2.0
// How unevenly the keys share the attention of a head (design note 3.2). c_j = mean over the counted queries of the weight on key j.
#include "core/analysis/feature_family.h"
#include "core/analysis/head_measures.h"

#include <algorithm>
#include <cmath>

namespace sinkscope::registry_feature_families {
namespace {

constexpr MetricSpec kMetrics[] = {
    {.id = "share_top1", .title = "Share of the strongest key",
     .explanation = "Largest c_j, where c_j is the mean weight on key j over the queries (without the first of a causal model, which has no "
                    "choice). 1 for a perfect sink, 1/T when all keys are alike.",
     .source = "our definition", .percent = true},
    {.id = "share_top2", .title = "Share of the two strongest keys",
     .explanation = "Sum of the two largest c_j. Near 1 for one or two anchors; compare with the share of the strongest key.",
     .source = "our definition", .percent = true},
    {.id = "keys_effective", .title = "Effective number of keys",
     .explanation = "1 / sum of c_j squared: 1 when one key gets everything, 2 for an equal pair, T when all are alike. Counts anchors where "
                    "singular values cannot: a head with two equal anchors has rank one.",
     .source = "inverse Simpson index", .low = 1, .high = 0},
    {.id = "column_entropy", .title = "Entropy of received attention",
     .explanation = "-sum of c_j log c_j in nats. 0 for a perfect sink, log 2 for an equal pair, log T when all keys are alike.",
     .source = "Shannon entropy", .low = 1, .high = 0},
    {.id = "gini", .title = "Gini coefficient of received attention",
     .explanation = "Half the mean difference of the c_j over their mean: 0 when all keys are alike, 1 - 1/T for a perfect sink.",
     .source = "Gini (1912)"},
};

void evaluate(const HeadEvidence& evidence, FamilyParameters, std::span<double> values) {
    const int tokens = evidence.count();
    if (tokens < kShortestSample)
        return;
    std::vector<double> shares;
    for (int key = 0; key < tokens; ++key)
        shares.push_back(massOn(evidence.statistics, evidence.head, key));
    std::ranges::sort(shares);
    double squares = 0, entropy = 0, ranked = 0, sum = 0;
    for (std::size_t i = 0; i < shares.size(); ++i) {
        const double share = shares[i];
        squares += share * share;
        entropy -= share > 0 ? share * std::log(share) : 0;
        ranked += static_cast<double>(i + 1) * share;
        sum += share;
    }
    values[0] = shares.back();
    values[1] = shares.back() + shares[shares.size() - 2];
    values[2] = 1 / squares;
    values[3] = std::max(entropy, 0.0);
    values[4] = 2 * ranked / (tokens * sum) - (tokens + 1.0) / tokens;
}

} // namespace

extern const FeatureFamily concentration;
const FeatureFamily concentration{.id = "concentration", .title = "Concentration of received attention", .needs = 0, .longest = 1 << 20,
                                  .metrics = kMetrics, .evaluateHead = evaluate};

} // namespace sinkscope::registry_feature_families
