// SPDX-License-Identifier: Apache-2.0
#include "core/analysis/head_measures.h"

namespace sinkscope::registry_metrics {
namespace {

std::optional<double> evaluate(const HeadView& view, const MetricParameters&) {
    const LayerStatistics& statistics = view.statistics;
    if (statistics.sinkWeight.empty() || statistics.tokens < kShortestSample)
        return std::nullopt;
    double sum = 0;
    for (const float weight : statistics.ofHead(statistics.sinkWeight, view.head))
        sum += weight; // also of the first query: beside a learned sink it has a choice
    return sum / statistics.tokens;
}

} // namespace

extern const MetricSpec learned_sink_mass;
const MetricSpec learned_sink_mass{
    .id = "learned_sink_mass",
    .title = "Attention on the learned sink",
    .explanation = "Mean over all queries of the weight on the head's learned sink: a logit s of its own that takes part in the softmax, e^s / (e^s + sum of e^z), and "
                   "has no value. The weights of the keys add up to one minus this. No value for models without learned sinks.",
    .source = "learned sinks as in gpt-oss",
    .low = 0,
    .high = 1,
    .percent = true,
    .evaluate = evaluate,
};

} // namespace sinkscope::registry_metrics
