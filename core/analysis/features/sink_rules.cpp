// SPDX-License-Identifier: Apache-2.0
// Simple rules for sinks that the literature uses beside the rates (design note 4.13). Mean weights leave query 0 of a causal model out.
#include "core/analysis/feature_family.h"
#include "core/analysis/head_measures.h"

namespace sinkscope::registry_feature_families {
namespace {

constexpr MetricSpec kMetrics[] = {
    {.id = "argmax_first", .title = "Queries that look at the first token most",
     .explanation = "Share of the queries whose largest weight is on token 0. Counts queries, not attention: a head can look at a sink most and still spread "
                    "most of its attention.",
     .source = "standard in the literature on sinks", .percent = true},
    {.id = "head_sink", .title = "Heads that are sinks to the first token",
     .explanation = "1 if the mean weight on token 0 is above the first limit (0.5) and not above the second (0.95), else 0; the mean over heads is the share of "
                    "such heads.",
     .source = "classes of heads by their mass on the first token, study of collapsed heads in BLOOM", .percent = true},
    {.id = "head_dead", .title = "Heads that look at the first token only",
     .explanation = "1 if the mean weight on token 0 is above the second limit (0.95), else 0.",
     .source = "classes of heads by their mass on the first token, study of collapsed heads in BLOOM", .percent = true},
    {.id = "keys_sink", .title = "Keys with a tenth of the attention",
     .explanation = "Number of keys whose mean weight over all queries is above 0.1. Early keys of short texts pass without any sink: uniform causal attention over "
                    "16 tokens has four.",
     .source = "rule of SinkVis", .low = 0, .high = -1},
    {.id = "keys_heavy", .title = "Keys with a twentieth of the attention",
     .explanation = "Number of keys whose mean weight over all queries is above 0.05 (heavy hitters).", .source = "rule of SinkVis", .low = 0, .high = -1},
    {.id = "keys_above_others", .title = "Keys above the mean of the others",
     .explanation = "Number of keys whose mean weight over all queries exceeds the mean of the other keys' by more than the margin.",
     .source = "rule of the literature on sinks in diffusion language models; its margin only makes sense in per cent", .low = 0, .high = -1},
};
constexpr ParameterSpec kParameters[] = {
    {.id = "sink", .title = "First limit", .explanation = "Mean weight on token 0 above which a head is a sink.", .low = 0, .high = 1, .standard = 0.5},
    {.id = "dead", .title = "Second limit", .explanation = "Mean weight on token 0 above which a head does nothing else.", .low = 0, .high = 1,
     .standard = 0.95},
    {.id = "margin", .title = "Margin", .explanation = "By which a key exceeds the mean of the others.", .low = 0, .high = 1, .standard = 0.03},
};
constexpr double kSinkMass = 0.1, kHeavyMass = 0.05;

void evaluate(const HeadEvidence& evidence, FamilyParameters parameters, std::span<double> values) {
    const LayerStatistics& statistics = evidence.statistics;
    const int tokens = statistics.tokens, head = evidence.head, firstQuery = statistics.causal ? 1 : 0;
    if (tokens < kShortestSample)
        return;
    int queries = 0;
    for (int query = firstQuery; query < tokens; ++query)
        queries += statistics.rowArgmax[static_cast<std::size_t>(head * tokens + query)] == 0 ? 1 : 0;
    double all = 0;
    for (int key = 0; key < tokens; ++key)
        all += massOn(statistics, head, key);
    int sinks = 0, heavy = 0, above = 0;
    for (int key = 0; key < tokens; ++key) {
        const double mass = massOn(statistics, head, key);
        sinks += mass > kSinkMass ? 1 : 0;
        heavy += mass > kHeavyMass ? 1 : 0;
        above += mass > (all - mass) / (tokens - 1) + parameters[2] ? 1 : 0;
    }
    const double first = massOn(statistics, head, 0);
    values[0] = static_cast<double>(queries) / (tokens - firstQuery);
    values[1] = first > parameters[0] && first <= parameters[1] ? 1 : 0;
    values[2] = first > parameters[1] ? 1 : 0;
    values[3] = sinks;
    values[4] = heavy;
    values[5] = above;
}

} // namespace

extern const FeatureFamily sink_rules;
const FeatureFamily sink_rules{.id = "sink_rules", .title = "Simple rules for sinks", .needs = 0, .longest = 1 << 20, .metrics = kMetrics,
                               .parameters = kParameters, .evaluateHead = evaluate};

} // namespace sinkscope::registry_feature_families
