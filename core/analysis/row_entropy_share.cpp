// SPDX-License-Identifier: Apache-2.0
#include "core/analysis/metric_spec.h"
#include <cmath>

namespace sinkscope::registry_metrics {
namespace {

std::optional<double> evaluate(const HeadView& view, const MetricParameters&) {
    const LayerStatistics& statistics = view.statistics;
    const auto entropies = statistics.ofHead(statistics.rowEntropy, view.head);
    double sum = 0;
    int queries = 0;
    for (int query = 0; query < statistics.tokens; ++query) {
        const int visible = statistics.visibleKeys(query);
        if (visible < 2)
            continue;
        sum += entropies[static_cast<std::size_t>(query)] / std::log(static_cast<double>(visible));
        ++queries;
    }
    return queries > 0 ? std::optional(sum / queries) : std::nullopt;
}

} // namespace

extern const MetricSpec row_entropy_share;
const MetricSpec row_entropy_share{
    .id = "row_entropy_share",
    .title = "Row entropy, share of the possible",
    .explanation =
        "Mean over the queries that see at least two tokens of their entropy divided by ln(number of tokens "
        "that they see). 0: one token each; 1: uniform attention. Unlike the entropy itself, it can be "
        "compared between texts of different length.",
    .source = "our normalisation",
    .low = 0,
    .high = 1,
    .percent = true,
    .evaluate = evaluate,
};

} // namespace sinkscope::registry_metrics
