// SPDX-License-Identifier: Apache-2.0
#include "core/analysis/head_measures.h"

namespace sinkscope::registry_metrics {
namespace {

std::optional<double> evaluate(const HeadView& view, const MetricParameters&) {
    if (view.statistics.tokens < kShortestSample)
        return std::nullopt;
    return massOn(view.statistics, view.head, 0);
}

} // namespace

extern const MetricSpec first_token_attention;
const MetricSpec first_token_attention{
    .id = "first_token_attention",
    .title = "Attention on the first token, first query left out",
    .explanation =
        "Mean weight on the first token of the queries that have a choice: without query 0 of a causal model, whose weight on itself is "
        "1 whatever the head does. The quantity behind the 30 to 40 % that is reported for trained models; uniform causal attention "
        "over T tokens gives (H_T - 1)/(T - 1).",
    .source = "Xiao et al., Efficient Streaming Language Models with Attention Sinks, ICLR 2024",
    .low = 0,
    .high = 1,
    .percent = true,
    .evaluate = evaluate,
};

} // namespace sinkscope::registry_metrics
