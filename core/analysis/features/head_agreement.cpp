// SPDX-License-Identifier: Apache-2.0
// Whether the heads of a layer attend to the same keys (design note 3.8 d).
#include "core/analysis/feature_family.h"
#include "core/analysis/head_measures.h"
#include "core/math/information/row_divergence.h"

#include <algorithm>

namespace sinkscope::registry_feature_families {
namespace {

constexpr MetricSpec kMetrics[] = {
    {.id = "heads_js", .title = "Disagreement of heads",
     .explanation = "Mean over pairs of heads of a layer of the Jensen-Shannon divergence of their mean attention c_j (mean weight on key j, without "
                    "query 0 of a causal model), nats, 0 to ln 2. 0 when all heads share their anchors.",
     .source = "our reconstruction of the paper's KL analysis, variant d", .low = 0, .high = 0.6931471805599453},
    {.id = "heads_spread", .title = "Spread of heads around the layer",
     .explanation = "Mean over heads of KL(c of the head || mean c of the layer), nats: how much the attention of a head says about which "
                    "head it is. 0 when all heads are alike.",
     .source = "our reconstruction of the paper's KL analysis, variant d", .low = 1, .high = 0},
};

Result<void> evaluate(const LayerEvidence& evidence, FamilyParameters, std::span<double> values) {
    const LayerStatistics& statistics = evidence.statistics;
    if (statistics.tokens < kShortestSample || statistics.heads < 2)
        return {};
    std::vector<float> shares;
    shares.reserve(static_cast<std::size_t>(statistics.heads) * static_cast<std::size_t>(statistics.tokens));
    for (int head = 0; head < statistics.heads; ++head)
        for (int key = 0; key < statistics.tokens; ++key)
            shares.push_back(std::max(static_cast<float>(massOn(statistics, head, key)), 0.0F)); // rounding
    const auto rows = DistributionRows::create(shares, static_cast<std::size_t>(statistics.tokens));
    if (!rows)
        return {};
    values[0] = meanPairwiseJensenShannon(*rows).whole;
    values[1] = generalizedJensenShannon(*rows);
    return {};
}

} // namespace

extern const FeatureFamily head_agreement;
const FeatureFamily head_agreement{.id = "head_agreement", .title = "Agreement of heads", .needs = 0, .longest = 1 << 14,
                                   .metrics = kMetrics, .evaluateLayer = evaluate};

} // namespace sinkscope::registry_feature_families
