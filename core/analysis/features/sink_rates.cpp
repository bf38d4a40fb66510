// SPDX-License-Identifier: Apache-2.0
// Sink rates of the literature for the first and for any position, with what uniform attention gives (design notes 4.1, 4.4). The score of
// a key is its received attention alpha: mean weight over the queries that see it, query 0 included, as its authors define it.
#include "core/analysis/feature_family.h"
#include "core/analysis/head_measures.h"

#include <algorithm>

namespace sinkscope::registry_feature_families {
namespace {

constexpr MetricSpec kMetrics[] = {
    {.id = "sink_rate_any", .title = "Sink rate of any position",
     .explanation = "1 if some key that enough queries see has alpha above epsilon, else 0; the mean over samples and heads is a rate. Uniform "
                    "attention passes for short texts: see the share by chance.",
     .source = "Gu et al., ICLR 2025 (any position, epsilon 0.3); the smallest number of queries is ours", .percent = true},
    {.id = "sink_rate_by_chance", .title = "Sink rate of uniform attention",
     .explanation = "1 if uniform attention of this length would pass epsilon itself (H_T/T with a causal mask, 1/T without): then the sink rates of the "
                    "sample mean nothing.",
     .source = "closed form", .percent = true},
    {.id = "sink_rate_excess", .title = "Sink rate beyond chance",
     .explanation = "1 if (alpha_0 - u) / (1 - u) is above epsilon, with u what uniform attention gives the first token, else 0. Comparable "
                    "between lengths, as the plain rate is not.",
     .source = "our definition, after Gu et al.", .percent = true},
    {.id = "sink_rate_barbero", .title = "Sink rate at 0.8",
     .explanation = "1 if alpha_0 is above the strict threshold, else 0. Never compare with rates at another threshold.",
     .source = "Barbero et al., 2025 (epsilon 0.8)", .percent = true},
    {.id = "sink_rate_barbero_any", .title = "Sink rate of any position at 0.8",
     .explanation = "1 if some key that enough queries see has alpha above the strict threshold, else 0.",
     .source = "Barbero et al., 2025 (epsilon 0.8); any position is ours", .percent = true},
    {.id = "strongest_received", .title = "Attention on the strongest key",
     .explanation = "Largest alpha of the keys that enough queries see.", .source = "after Gu et al., ICLR 2025", .percent = true},
    {.id = "strongest_is_first", .title = "The strongest key is the first token",
     .explanation = "1 if no key that enough queries see has a larger alpha than token 0, else 0.", .source = "our definition", .percent = true},
};
constexpr ParameterSpec kParameters[] = {
    {.id = "strict", .title = "Strict threshold", .explanation = "Of the rates at 0.8.", .low = 0, .high = 1, .standard = 0.8},
};

void evaluate(const HeadEvidence& evidence, FamilyParameters parameters, std::span<double> values) {
    const LayerStatistics& statistics = evidence.statistics;
    if (statistics.tokens < kShortestSample)
        return;
    const double epsilon = evidence.parameters.sinkThreshold, strict = parameters[0];
    const double first = statistics.received(evidence.head, 0), chance = chanceOnFirst(statistics);
    double most = first; // every query sees token 0, or with fewer queries than required nothing counts but it
    for (int key = 1; key < statistics.tokens; ++key)
        if (countedQueries(statistics, key) >= requiredQueries(statistics, evidence.parameters))
            most = std::max(most, static_cast<double>(statistics.received(evidence.head, key)));
    values[0] = most > epsilon ? 1 : 0;
    values[1] = chance > epsilon ? 1 : 0;
    values[2] = first - chance > epsilon * (1 - chance) ? 1 : 0;
    values[3] = first > strict ? 1 : 0;
    values[4] = most > strict ? 1 : 0;
    values[5] = most;
    values[6] = first >= most ? 1 : 0;
}

} // namespace

extern const FeatureFamily sink_rates;
const FeatureFamily sink_rates{.id = "sink_rates", .title = "Sink rates of any position", .needs = 0, .longest = 1 << 20, .metrics = kMetrics,
                               .parameters = kParameters, .evaluateHead = evaluate};

} // namespace sinkscope::registry_feature_families
