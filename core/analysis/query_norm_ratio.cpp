// SPDX-License-Identifier: Apache-2.0
#include "core/analysis/head_measures.h"

namespace sinkscope::registry_metrics {
namespace {

std::optional<double> evaluate(const HeadView& view, const MetricParameters& parameters) {
    const auto strongest = strongestToken(view.statistics, view.head, parameters);
    return strongest ? normRatio(view.statistics.ofHead(view.statistics.queryNorm, view.head), *strongest) : std::nullopt;
}

} // namespace

extern const MetricSpec query_norm_ratio;
const MetricSpec query_norm_ratio{
    .id = "query_norm_ratio",
    .title = "Query norm of the strongest token",
    .explanation = "Length of the query vector of the token that receives most attention in this head, divided by the mean length of the other "
                   "tokens' query vectors. What the sink itself looks for; beside the norms of its key and value.",
    .source = "standard in the literature on sinks",
    .low = 0,
    .high = -1,
    .percent = false,
    .evaluate = evaluate,
};

} // namespace sinkscope::registry_metrics
