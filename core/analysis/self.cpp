// SPDX-License-Identifier: Apache-2.0
#include "core/analysis/metric_spec.h"

namespace sinkscope::registry_metrics {
namespace {

std::optional<double> evaluate(const HeadView& view, const MetricParameters&) {
    const LayerStatistics& statistics = view.statistics;
    const auto weights = statistics.ofHead(statistics.selfWeight, view.head).subspan(statistics.causal ? 1 : 0);
    if (weights.empty())
        return std::nullopt;
    double sum = 0;
    for (const float weight : weights)
        sum += weight;
    return sum / static_cast<double>(weights.size());
}

} // namespace

extern const MetricSpec self;
const MetricSpec self{
    .id = "self",
    .title = "Attention on itself",
    .explanation =
        "Mean weight of a query on its own token. The first query of a causal model is left out, since it can"
        " look nowhere else.",
    .source = "standard",
    .low = 0,
    .high = 1,
    .percent = true,
    .evaluate = evaluate,
};

} // namespace sinkscope::registry_metrics
