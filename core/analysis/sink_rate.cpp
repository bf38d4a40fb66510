// SPDX-License-Identifier: Apache-2.0
#include "core/analysis/metric_spec.h"

namespace sinkscope::registry_metrics {
namespace {

std::optional<double> evaluate(const HeadView& view, const MetricParameters& parameters) {
    if (view.statistics.tokens < 2)
        return std::nullopt;
    return static_cast<double>(view.statistics.received(view.head, 0)) > parameters.sinkThreshold ? 1.0 : 0.0;
}

} // namespace

extern const MetricSpec sink_rate;
const MetricSpec sink_rate{
    .id = "sink_rate",
    .title = "Sink rate",
    .explanation =
        "1 if the mean attention on the first token is above the threshold epsilon, else 0; the mean over "
        "samples and heads is the sink rate. It counts heads and not attention, and it falls with the length "
        "of the text: compare only rates of equal epsilon and length, and look at the value by chance beside "
        "it.",
    .source = "Gu et al., When Attention Sink Emerges, ICLR 2025 (epsilon 0.3)",
    .low = 0,
    .high = 1,
    .percent = true,
    .evaluate = evaluate,
};

} // namespace sinkscope::registry_metrics
