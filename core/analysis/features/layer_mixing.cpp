// SPDX-License-Identifier: Apache-2.0
// How much of what a layer's attention writes for a token comes from other tokens (mixing ratios of Kobayashi et al. 2021; design note 4.7).
#include "core/analysis/feature_family.h"
#include "core/analysis/head_measures.h"
#include "core/analysis/mixing_share.h"

namespace sinkscope::registry_feature_families {
namespace {

constexpr MetricSpec kMetrics[] = {
    {.id = "mixing_share", .title = "Mixing of the layer",
     .explanation = "Mean over queries of m / (m + p) with m = |sum over heads and over j other than i of A_ij f(x_j)| and p = |sum over heads of A_ii f(x_i)|, "
                    "where f(x) = v W_O: the share of other tokens in what all heads add together. Biases and norms are left out (AttnN).",
     .source = "Kobayashi et al., EMNLP 2021", .percent = true},
    {.id = "mixing_share_residual", .title = "Mixing of the layer beside the residual stream",
     .explanation = "The same with p = |x_i + sum over heads of A_ii f(x_i)|, x_i being the residual stream before the layer (AttnResN): small in most models, "
                    "because tokens mostly stay what they are. No value for the first layer, whose input is not captured.",
     .source = "Kobayashi et al., EMNLP 2021", .percent = true},
};

/// The residual stream after the layer before.
struct State {
    int layer = -1;
    RowMatrix hidden;
};

Result<void> evaluate(const LayerEvidence& evidence, FamilyParameters, std::span<double> values) {
    const LayerStatistics& statistics = evidence.statistics;
    const int tokens = statistics.tokens;
    if (tokens < kShortestSample)
        return {};
    Mixing mixing;
    for (int head = 0; head < statistics.heads; ++head) {
        SINKSCOPE_TRY(const auto attention, evidence.attention(head));
        SINKSCOPE_TRY(const RowMatrix written, writtenByHead(evidence, head));
        mixing.add(attention->weights, written);
    }
    const auto before = std::static_pointer_cast<State>(evidence.state);
    values[0] = mixingShare(mixing.others, mixing.own, statistics.causal);
    if (before && before->layer == statistics.layer - 1)
        values[1] = mixingShare(mixing.others, mixing.own + before->hidden, statistics.causal);
    auto after = std::make_shared<State>();
    after->layer = statistics.layer;
    after->hidden = Eigen::Map<const RowMatrix>(evidence.hidden->values.data(), tokens, evidence.hidden->width);
    evidence.state = std::move(after);
    return {};
}

} // namespace

extern const FeatureFamily layer_mixing;
const FeatureFamily layer_mixing{.id = "layer_mixing", .title = "Mixing of layers",
                                 .needs = kNeedsAttention | kNeedsVectors | kNeedsHidden | kNeedsWeights, .standard = false, .metrics = kMetrics,
                                 .evaluateLayer = evaluate};

} // namespace sinkscope::registry_feature_families
