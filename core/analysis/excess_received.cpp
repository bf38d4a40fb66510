// SPDX-License-Identifier: Apache-2.0
#include "core/analysis/head_measures.h"
#include "core/analysis/metric_spec.h"

namespace sinkscope::registry_metrics {
namespace {

std::optional<double> evaluate(const HeadView& view, const MetricParameters&) {
    if (view.statistics.tokens < 2)
        return std::nullopt;
    return static_cast<double>(view.statistics.received(view.head, 0)) - chanceOnFirst(view.statistics);
}

} // namespace

extern const MetricSpec excess_received;
const MetricSpec excess_received{
    .id = "excess_received",
    .title = "Attention on the first token above chance",
    .explanation =
        "Mean attention on the first token minus what uniform attention would give for this length. Positive:"
        " more than chance; about zero: no sink on the first token, whatever the sink rate says.",
    .source = "our definition",
    .low = -1,
    .high = 1,
    .percent = true,
    .evaluate = evaluate,
};

} // namespace sinkscope::registry_metrics
