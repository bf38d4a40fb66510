// SPDX-License-Identifier: Apache-2.0
#include "core/analysis/metric_spec.h"

namespace sinkscope::registry_metrics {
namespace {

std::optional<double> evaluate(const HeadView& view, const MetricParameters&) {
    const auto entropies = view.statistics.ofHead(view.statistics.rowEntropy, view.head);
    if (entropies.size() < 2)
        return std::nullopt;
    double sum = 0;
    for (const float entropy : entropies)
        sum += entropy;
    return sum / static_cast<double>(entropies.size());
}

} // namespace

extern const MetricSpec row_entropy;
const MetricSpec row_entropy{
    .id = "row_entropy",
    .title = "Row entropy",
    .explanation =
        "Mean over the queries of the entropy of their weights, in nats. 0: every query looks at one token; "
        "ln n: evenly at all n tokens that it sees. It cannot tell a sink from a head that looks at the "
        "previous token: read it together with the effective number of anchors.",
    .source = "standard",
    .low = 0,
    .high = -1,
    .percent = false,
    .evaluate = evaluate,
};

} // namespace sinkscope::registry_metrics
