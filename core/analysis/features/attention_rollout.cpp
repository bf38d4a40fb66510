// SPDX-License-Identifier: Apache-2.0
// Attention rollout (Abnar and Zuidema, ACL 2020; design note 4.7): R_l = (mean over heads of A_l / 2 + I / 2) R_{l-1}.
#include "core/analysis/feature_family.h"
#include "core/analysis/head_measures.h"

#include <Eigen/Core>

#include <cmath>

namespace sinkscope::registry_feature_families {
namespace {

constexpr MetricSpec kMetrics[] = {
    {.id = "rollout_first", .title = "Rollout onto the first token",
     .explanation = "Mean over the queries but the first of R_i0 after this layer, where R multiplies the head-averaged attention of all layers so far, each half "
                    "mixed with the identity for the residual stream. Perfect sinks give 1 - 2^-(layers so far).",
     .source = "Abnar and Zuidema, ACL 2020", .percent = true},
    {.id = "rollout_strongest", .title = "Rollout onto the strongest token",
     .explanation = "Largest mean over queries of a column of R after this layer: how much of what a query has read can come from one token.",
     .source = "Abnar and Zuidema, ACL 2020", .percent = true},
    {.id = "rollout_entropy", .title = "Entropy of rollout rows",
     .explanation = "Mean over queries of the entropy of a row of R after this layer divided by log of the keys that the query sees. Falls to 0 where all "
                    "information seems to come from one token.",
     .source = "our normalisation", .percent = true},
};

using Matrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

struct State {
    int layer = -1; ///< the last one that went in
    Matrix rollout;
};

void describe(const Matrix& rollout, bool causal, std::span<double> values) {
    const auto tokens = rollout.rows();
    const Eigen::MatrixXd rows = rollout.bottomRows(tokens - 1).cast<double>();
    values[0] = rows.col(0).mean();
    values[1] = rows.colwise().mean().maxCoeff();
    double entropy = 0;
    for (Eigen::Index row = 0; row < rows.rows(); ++row) {
        double sum = 0;
        for (const double weight : rows.row(row))
            sum -= weight > 0 ? weight * std::log(weight) : 0;
        entropy += std::max(sum, 0.0) / std::log(static_cast<double>(causal ? row + 2 : tokens));
    }
    values[2] = entropy / static_cast<double>(rows.rows());
}

/// A product over layers says something only when none is missing: captures that begin later or skip layers get no values.
Result<void> evaluate(const LayerEvidence& evidence, FamilyParameters, std::span<double> values) {
    const int tokens = evidence.statistics.tokens, layer = evidence.statistics.layer;
    if (tokens < kShortestSample)
        return {};
    auto state = std::static_pointer_cast<State>(evidence.state);
    if (!state) {
        state = std::make_shared<State>();
        state->rollout = Matrix::Identity(tokens, tokens);
        evidence.state = state;
    }
    if (state->layer != layer - 1)
        return {};
    SINKSCOPE_TRY(const auto mean, meanAttention(evidence));
    const Matrix attention = Eigen::Map<const Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>>(mean.data(), tokens, tokens).cast<float>();
    state->rollout = (0.5F * attention * state->rollout + 0.5F * state->rollout).eval();
    state->layer = layer;
    describe(state->rollout, evidence.statistics.causal, values);
    return {};
}

} // namespace

extern const FeatureFamily attention_rollout;
const FeatureFamily attention_rollout{.id = "attention_rollout", .title = "Attention rollout", .needs = kNeedsAttention, .longest = 2048, .metrics = kMetrics,
                                      .evaluateLayer = evaluate};

} // namespace sinkscope::registry_feature_families
