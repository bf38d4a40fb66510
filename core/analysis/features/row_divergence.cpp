// SPDX-License-Identifier: Apache-2.0
// How far the rows of a head are from uniform attention and from each other (design note 3.8 a, b). What the paper compares is not known:
// named variants, our reconstruction.
#include "core/math/information/row_divergence.h"
#include "core/analysis/feature_family.h"
#include "core/analysis/head_measures.h"

#include <algorithm>
#include <cmath>

namespace sinkscope::registry_feature_families {
namespace {

/// The pairs of longer samples would take longer than everything else together.
constexpr int kLongestForPairs = 256;

constexpr MetricSpec kMetrics[] = {
    {.id = "kl_uniform", .title = "Divergence from uniform attention",
     .explanation = "Mean over all queries of KL(row || uniform over the keys that it sees) = ln n - entropy, nats. 0 for uniform attention, "
                    "(ln T!)/T for a perfect sink, and the same for a head that looks at itself: it does not identify sinks.",
     .source = "our reconstruction of the paper's KL analysis, variant a", .low = 1, .high = 0},
    {.id = "kl_successive", .title = "Divergence of successive rows",
     .explanation = "Mean over queries i of KL(row i || row i+1 conditioned on the keys that query i sees), nats; query 0 of a causal model left "
                    "out. Infinite when row i+1 has no weight where row i has some. 0 when both look at the same anchors.",
     .source = "our reconstruction of the paper's KL analysis, variant b", .low = 1, .high = 0},
    {.id = "js_rows", .title = "Disagreement of rows",
     .explanation = "Mean over pairs of queries of the Jensen-Shannon divergence of their rows, nats, 0 to ln 2; query 0 of a causal model left "
                    "out. Weight on keys that the other query cannot see counts as disagreement. Small when queries agree on a frame. Up to 256 "
                    "tokens.",
     .source = "our reconstruction of the paper's KL analysis, variant b", .low = 0, .high = 0.6931471805599453},
    {.id = "js_rows_common", .title = "Disagreement of rows on common keys",
     .explanation = "The same with both rows conditioned on the keys that both queries see, so that the mask itself makes no disagreement: 0 for "
                    "uniform causal attention. Pairs in which one row has no weight there are left out. Up to 256 tokens.",
     .source = "our reconstruction of the paper's KL analysis, variant b", .low = 0, .high = 0.6931471805599453},
    {.id = "js_spread", .title = "Spread of rows around their mean",
     .explanation = "Entropy of the mean row minus the mean entropy of the rows, nats: the mean KL of the rows from their mean; query 0 of a "
                    "causal model left out. 0 when all rows are alike, ln of their number when none overlap.",
     .source = "generalized Jensen-Shannon divergence, Lin 1991", .low = 1, .high = 0},
};

double meanDivergenceFromUniform(const HeadEvidence& evidence) {
    const auto entropies = evidence.statistics.ofHead(evidence.statistics.rowEntropy, evidence.head);
    double sum = 0;
    for (int i = 0; i < evidence.count(); ++i)
        sum += std::log(static_cast<double>(evidence.visible(i))) - entropies[static_cast<std::size_t>(i)];
    return std::max(sum / evidence.count(), 0.0); // entropies are float32
}

void evaluate(const HeadEvidence& evidence, FamilyParameters, std::span<double> values) {
    if (evidence.count() < kShortestSample)
        return;
    values[0] = meanDivergenceFromUniform(evidence);
    const auto tokens = static_cast<std::size_t>(evidence.count());
    const bool causal = evidence.statistics.causal;
    // Query 0 of a causal model has no choice.
    const auto rows = DistributionRows::create(std::span(evidence.attention->weights).subspan(causal ? tokens : 0), tokens, causal ? 2 : 0);
    if (!rows)
        return;
    values[1] = meanSuccessiveKullbackLeibler(*rows);
    values[4] = generalizedJensenShannon(*rows);
    if (evidence.count() > kLongestForPairs)
        return;
    const PairwiseDivergence pairs = meanPairwiseJensenShannon(*rows);
    values[2] = pairs.whole;
    values[3] = pairs.common;
}

} // namespace

extern const FeatureFamily row_divergence;
const FeatureFamily row_divergence{.id = "row_divergence", .title = "Divergence of attention rows", .metrics = kMetrics,
                                   .evaluateHead = evaluate};

} // namespace sinkscope::registry_feature_families
