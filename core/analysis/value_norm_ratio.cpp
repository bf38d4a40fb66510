// SPDX-License-Identifier: Apache-2.0
#include "core/analysis/head_measures.h"

namespace sinkscope::registry_metrics {
namespace {

std::optional<double> evaluate(const HeadView& view, const MetricParameters& parameters) {
    const auto strongest = strongestToken(view.statistics, view.head, parameters);
    if (!strongest)
        return std::nullopt;
    const int group = view.statistics.keyValueHeadOf(view.head);
    return normRatio(view.statistics.ofHead(view.statistics.valueNorm, group), *strongest);
}

} // namespace

extern const MetricSpec value_norm_ratio;
const MetricSpec value_norm_ratio{
    .id = "value_norm_ratio",
    .title = "Value norm of the strongest token",
    .explanation =
        "Length of the value vector of the token that receives most attention in this head, divided by the "
        "mean length of the other tokens' value vectors. Sinks tend to have values (and often keys) far "
        "shorter than the rest: a query that needs nothing can look there and add little. Heads that share "
        "keys and values share these lengths.",
    .source = "Gu et al., ICLR 2025 (small key and value norms at the sink)",
    .low = 0,
    .high = -1,
    .percent = false,
    .evaluate = evaluate,
};

} // namespace sinkscope::registry_metrics
