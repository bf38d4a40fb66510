// SPDX-License-Identifier: Apache-2.0
#include "core/analysis/analysis.h"
#include "core/analysis/head_measures.h"

namespace sinkscope::registry_metrics {
namespace {

std::optional<double> evaluate(const HeadView& view, const MetricParameters& parameters) {
    if (view.statistics.tokens < kShortestSample)
        return std::nullopt;
    double mass = 0;
    for (const int key : sinksOfHead(view.statistics, view.head, parameters))
        mass += massOn(view.statistics, view.head, key);
    return mass;
}

} // namespace

extern const MetricSpec sink_mass;
const MetricSpec sink_mass{
    .id = "sink_mass",
    .title = "Attention on sinks",
    .explanation =
        "Share of the attention of all queries (without the first of a causal model, which has no choice) "
        "that goes to the tokens that the robust detector calls sinks. 0 when there are none.",
    .source = "our definition",
    .low = 0,
    .high = 1,
    .percent = true,
    .evaluate = evaluate,
};

} // namespace sinkscope::registry_metrics
