// SPDX-License-Identifier: Apache-2.0
#include "core/analysis/analysis.h"
#include "core/analysis/head_measures.h"

namespace sinkscope::registry_metrics {
namespace {

std::optional<double> evaluate(const HeadView& view, const MetricParameters& parameters) {
    if (view.statistics.tokens < kShortestSample)
        return std::nullopt;
    return static_cast<double>(sinksOfHead(view.statistics, view.head, parameters).size());
}

} // namespace

extern const MetricSpec sink_count;
const MetricSpec sink_count{
    .id = "sink_count",
    .title = "Sinks",
    .explanation =
        "How many tokens the robust detector calls sinks: at least the share gamma of the queries that see "
        "the token give it one of the top tenth of the weights of the head (or 0.4 and more), above an even "
        "share, and it receives at least 1.25 times what uniform attention would give it. The first query of "
        "a causal model is left out, since it has no choice. 0 for uniform, diagonal and previous-token heads"
        " of any length.",
    .source = "threshold and frequency rule of the attention-sink literature, with our corrections for short texts and clean sinks",
    .low = 0,
    .high = -1,
    .percent = false,
    .evaluate = evaluate,
};

} // namespace sinkscope::registry_metrics
