// SPDX-License-Identifier: Apache-2.0
#include "core/analysis/metric_spec.h"

namespace sinkscope::registry_metrics {
namespace {

std::optional<double> evaluate(const HeadView& view, const MetricParameters&) {
    const auto columns = view.statistics.ofHead(view.statistics.columnMass, view.head);
    if (columns.size() < 2)
        return std::nullopt;
    double sum = 0, squares = 0;
    for (const float mass : columns) {
        sum += mass;
        squares += static_cast<double>(mass) * mass;
    }
    return squares > 0 ? std::optional(sum * sum / squares) : std::nullopt;
}

} // namespace

extern const MetricSpec anchors_effective;
const MetricSpec anchors_effective{
    .id = "anchors_effective",
    .title = "Effective number of anchors",
    .explanation =
        "1 / sum of the squared shares c_j of all attention that each token receives (c_j: mean of a column "
        "over all queries). 1 for a perfect sink, 2 for two equal ones, T when every token gets the same. "
        "Uniform causal attention gives about T/2, because early tokens are seen by more queries.",
    .source = "our definition (inverse participation of column means)",
    .low = 1,
    .high = 0,
    .percent = false,
    .evaluate = evaluate,
};

} // namespace sinkscope::registry_metrics
