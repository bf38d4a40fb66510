// SPDX-License-Identifier: Apache-2.0
#include "core/analysis/metric_spec.h"

namespace sinkscope::registry_metrics {
namespace {

std::optional<double> evaluate(const HeadView& view, const MetricParameters&) {
    if (view.statistics.tokens < 2)
        return std::nullopt;
    return view.statistics.received(view.head, 0);
}

} // namespace

extern const MetricSpec received_first;
const MetricSpec received_first{
    .id = "received_first",
    .title = "Attention on the first token",
    .explanation =
        "Mean weight that the queries put on the first token (alpha of Gu et al.): its column of the "
        "attention matrix summed and divided by the number of queries. A perfect sink on the first token "
        "gives 1, uniform causal attention over T tokens gives H_T/T (shown as the value by chance).",
    .source = "Gu et al., When Attention Sink Emerges, ICLR 2025",
    .low = 0,
    .high = 1,
    .percent = true,
    .evaluate = evaluate,
};

} // namespace sinkscope::registry_metrics
