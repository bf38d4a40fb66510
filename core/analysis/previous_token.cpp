// SPDX-License-Identifier: Apache-2.0
#include "core/analysis/metric_spec.h"

namespace sinkscope::registry_metrics {
namespace {

std::optional<double> evaluate(const HeadView& view, const MetricParameters&) {
    const auto weights = view.statistics.ofHead(view.statistics.previousWeight, view.head);
    if (weights.size() < 2)
        return std::nullopt;
    double sum = 0;
    for (const float weight : weights.subspan(1))
        sum += weight;
    return sum / static_cast<double>(weights.size() - 1);
}

} // namespace

extern const MetricSpec previous_token;
const MetricSpec previous_token{
    .id = "previous_token",
    .title = "Attention on the previous token",
    .explanation =
        "Mean weight of a query on the token before it, over all queries but the first. 1 for a pure "
        "previous-token head, 0 for a perfect sink in a long text.",
    .source = "standard",
    .low = 0,
    .high = 1,
    .percent = true,
    .evaluate = evaluate,
};

} // namespace sinkscope::registry_metrics
