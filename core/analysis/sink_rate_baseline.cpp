// SPDX-License-Identifier: Apache-2.0
#include "core/analysis/head_measures.h"
#include "core/analysis/metric_spec.h"

namespace sinkscope::registry_metrics {
namespace {

std::optional<double> evaluate(const HeadView& view, const MetricParameters&) {
    if (view.statistics.tokens < 2)
        return std::nullopt;
    return chanceOnFirst(view.statistics);
}

} // namespace

extern const MetricSpec sink_rate_baseline;
const MetricSpec sink_rate_baseline{
    .id = "sink_rate_baseline",
    .title = "Attention on the first token by chance",
    .explanation =
        "What uniform attention would put on the first token: H_T/T with a causal mask (query i spreads 1/i "
        "over the tokens that it sees), 1/T without. For 9 tokens or fewer it exceeds 0.3, so that the sink "
        "rate of short texts means nothing.",
    .source = "closed form; see the remark on short texts in the help",
    .low = 0,
    .high = 1,
    .percent = true,
    .evaluate = evaluate,
};

} // namespace sinkscope::registry_metrics
