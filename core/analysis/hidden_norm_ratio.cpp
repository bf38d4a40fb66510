// SPDX-License-Identifier: Apache-2.0
#include "core/analysis/head_measures.h"

namespace sinkscope::registry_metrics {
namespace {

std::optional<double> evaluate(const HeadView& view, const MetricParameters& parameters) {
    const auto strongest = strongestToken(view.statistics, view.head, parameters);
    return strongest ? normRatio(view.statistics.hiddenNorm, *strongest) : std::nullopt;
}

} // namespace

extern const MetricSpec hidden_norm_ratio;
const MetricSpec hidden_norm_ratio{
    .id = "hidden_norm_ratio",
    .title = "Hidden norm of the strongest token",
    .explanation = "Length of the hidden state after the layer of the token that receives most attention in this head, divided by the mean length of the "
                   "other tokens' hidden states. Far above 1 where the sink carries a massive activation.",
    .source = "Gu et al., ICLR 2025 (large hidden norm, small key and value norms at the sink)",
    .low = 0,
    .high = -1,
    .percent = false,
    .evaluate = evaluate,
};

} // namespace sinkscope::registry_metrics
