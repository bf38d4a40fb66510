// SPDX-License-Identifier: Apache-2.0
// Attention flow (Abnar and Zuidema, ACL 2020; design note 4.7): the largest flow from a query through all layers so far to a token of the input, where half the
// head-averaged attention plus half the identity are the capacities.
#include "core/analysis/feature_family.h"
#include "core/analysis/head_measures.h"
#include "core/math/graph/layered_flow.h"

#include <cmath>

namespace sinkscope::registry_feature_families {
namespace {

constexpr MetricSpec kMetrics[] = {
    {.id = "flow_first", .title = "Attention flow onto the first token",
     .explanation = "Mean over the queries but the first of the largest flow from the query after this layer to token 0 of the input. An edge carries half the "
                    "head-averaged weight, and half more from a token to itself for the residual stream. Perfect sinks: 1/2 after the first layer, 1 after the second.",
     .source = "Abnar and Zuidema, ACL 2020", .percent = true},
    {.id = "flow_first_share", .title = "Share of the first token in the flow of the last query",
     .explanation = "Largest flow from the last query to token 0 over the sum of the largest flows to each token. The flows are measured one by one and share edges, so "
                    "that their sum exceeds 1; the share is 1 / tokens where all can receive the same.",
     .source = "Abnar and Zuidema, ACL 2020; our normalisation", .percent = true},
};

struct State {
    int layer = -1; ///< the last one that went in
    LayeredFlow flow;
};

Result<std::vector<double>> capacitiesOf(const LayerEvidence& evidence) {
    SINKSCOPE_TRY(auto capacities, meanAttention(evidence));
    const auto tokens = static_cast<std::size_t>(evidence.statistics.tokens);
    for (std::size_t i = 0; i < capacities.size(); ++i)
        capacities[i] = 0.5 * capacities[i] + (i % (tokens + 1) == 0 ? 0.5 : 0.0);
    return capacities;
}

/// As with rollout, layers that are missing leave nothing to say.
Result<void> evaluate(const LayerEvidence& evidence, FamilyParameters, std::span<double> values) {
    const int tokens = evidence.statistics.tokens, layer = evidence.statistics.layer;
    if (tokens < kShortestSample)
        return {};
    auto state = std::static_pointer_cast<State>(evidence.state);
    if (!state) {
        state = std::make_shared<State>(State{-1, LayeredFlow(tokens)});
        evidence.state = state;
    }
    if (state->layer != layer - 1)
        return {};
    SINKSCOPE_TRY(const std::vector<double> capacities, capacitiesOf(evidence));
    state->flow.addLevel(capacities);
    state->layer = layer;
    double first = 0, all = 0, lastToFirst = 0;
    for (int query = 1; query < tokens; ++query)
        first += lastToFirst = state->flow.maxFlow(query, 0);
    for (int token = 0; token < tokens; ++token)
        all += token == 0 ? lastToFirst : state->flow.maxFlow(tokens - 1, token);
    values[0] = first / (tokens - 1);
    values[1] = all > 0 ? lastToFirst / all : std::nan("");
    return {};
}

} // namespace

extern const FeatureFamily attention_flow;
const FeatureFamily attention_flow{.id = "attention_flow", .title = "Attention flow", .needs = kNeedsAttention, .standard = false, .longest = 128,
                                   .metrics = kMetrics, .evaluateLayer = evaluate};

} // namespace sinkscope::registry_feature_families
