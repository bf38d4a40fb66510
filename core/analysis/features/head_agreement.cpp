// SPDX-License-Identifier: Apache-2.0
// Whether the heads of a layer attend to the same keys (design note 3.8 d).
#include "core/analysis/feature_family.h"
#include "core/analysis/head_measures.h"
#include "core/math/information/row_divergence.h"

#include <algorithm>
#include <cmath>

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
    {.id = "layer_step_js", .title = "Change from the layer before",
     .explanation = "Jensen-Shannon divergence of the mean attention c_j of the heads of this layer and of the layer before, nats, 0 to ln 2. 0 when both have the "
                    "same anchors. No value for the first captured layer.",
     .source = "our reconstruction of the paper's KL analysis, variant d", .low = 0, .high = 0.6931471805599453},
};

/// Mean attention of the layer before.
struct State {
    int layer = -1;
    std::vector<float> shares;
};

/// Divergence from the layer before, which this one replaces; NaN where there is none.
double stepFrom(const LayerEvidence& evidence, std::vector<float> shares) {
    const auto before = std::static_pointer_cast<State>(evidence.state);
    double divergence = std::nan("");
    if (before && before->layer == evidence.statistics.layer - 1) {
        std::vector<float> both = before->shares;
        both.insert(both.end(), shares.begin(), shares.end());
        if (const auto rows = DistributionRows::create(both, shares.size()))
            divergence = meanPairwiseJensenShannon(*rows).whole;
    }
    evidence.state = std::make_shared<State>(State{.layer = evidence.statistics.layer, .shares = std::move(shares)});
    return divergence;
}

Result<void> evaluate(const LayerEvidence& evidence, FamilyParameters, std::span<double> values) {
    const LayerStatistics& statistics = evidence.statistics;
    if (statistics.tokens < kShortestSample)
        return {};
    std::vector<float> shares, mean(static_cast<std::size_t>(statistics.tokens), 0.0F);
    shares.reserve(static_cast<std::size_t>(statistics.heads) * static_cast<std::size_t>(statistics.tokens));
    for (int head = 0; head < statistics.heads; ++head)
        for (int key = 0; key < statistics.tokens; ++key) {
            shares.push_back(std::max(static_cast<float>(massOn(statistics, head, key)), 0.0F)); // rounding
            mean[static_cast<std::size_t>(key)] += shares.back() / static_cast<float>(statistics.heads);
        }
    values[2] = stepFrom(evidence, std::move(mean));
    if (statistics.heads < 2)
        return {};
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
