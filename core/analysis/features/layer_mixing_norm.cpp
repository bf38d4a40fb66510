// SPDX-License-Identifier: Apache-2.0
// Norm-based attention with residual stream and layer norm (AttnResLnN of Kobayashi et al. 2021; design note 4.7). The norm divides all parts of a query by the
// same number, so that it is linear in them: a part y becomes scale * (y - mean of y), or scale * y for an RMS norm.
#include "core/analysis/feature_family.h"
#include "core/analysis/head_measures.h"
#include "core/analysis/mixing_share.h"

#include <cmath>

namespace sinkscope::registry_feature_families {
namespace {

constexpr MetricSpec kMetrics[] = {
    {.id = "mixing_share_norm", .title = "Mixing of the layer behind the norm",
     .explanation = "Mean over queries of m / (m + p) with m = |LN(sum over heads and over j other than i of A_ij f(x_j))| and p = |LN(x_i + sum over heads of A_ii f(x_i))|, "
                    "f(x) = v W_O, x the residual stream before the layer and LN the norm that reads the sum, without its bias (AttnResLnN). No value for the first layer, "
                    "whose input is not captured, and for models in which no norm reads that sum.",
     .source = "Kobayashi et al., EMNLP 2021", .percent = true},
    {.id = "norm_share_first", .title = "First token behind the norm",
     .explanation = "Mean over the queries but the first of |part of token 0| / sum over tokens of |part of the token|, a part being LN(sum over heads of A_ij f(x_j)), with "
                    "x_i added at the query's own: the attention map as the next block sees it. Far below the attention where the sink's value is small.",
     .source = "Kobayashi et al., EMNLP 2021", .percent = true},
};

/// The residual stream after the layer before.
struct State {
    int layer = -1;
    RowMatrix hidden;
};

/// The linear part of the norm, row by row.
void normalise(RowMatrix& rows, const NormScale& norm) {
    if (norm.centres)
        rows.colwise() -= rows.rowwise().mean().eval();
    rows.array().rowwise() *= Eigen::Map<const Eigen::RowVectorXf>(norm.scale.data(), static_cast<Eigen::Index>(norm.scale.size())).array();
}

/// What every head adds for every key, behind the norm; and its weights.
struct Heads {
    std::vector<RowMatrix> written; ///< [head]: [tokens, width]
    std::vector<std::shared_ptr<const HeadAttention>> attention;
};

Result<Heads> headsOf(const LayerEvidence& evidence, const NormScale& norm) {
    const LayerStatistics& statistics = evidence.statistics;
    Heads heads;
    for (int head = 0; head < statistics.heads; ++head) {
        SINKSCOPE_TRY(auto attention, evidence.attention(head));
        SINKSCOPE_TRY(RowMatrix written, writtenByHead(evidence, head));
        normalise(written, norm);
        heads.written.push_back(std::move(written));
        heads.attention.push_back(std::move(attention));
    }
    return heads;
}

/// [query, key]: length of what a key adds for a query; the query's own with its residual stream.
Eigen::MatrixXd partLengths(const Heads& heads, const RowMatrix& residual) {
    const Eigen::Index tokens = residual.rows(), count = static_cast<Eigen::Index>(heads.written.size());
    Eigen::MatrixXd lengths(tokens, tokens);
    RowMatrix ofKey(count, residual.cols());
    Eigen::VectorXd weights(count);
    for (Eigen::Index key = 0; key < tokens; ++key) {
        for (Eigen::Index head = 0; head < count; ++head)
            ofKey.row(head) = heads.written[static_cast<std::size_t>(head)].row(key);
        const Eigen::MatrixXd products = (ofKey * ofKey.transpose()).cast<double>(); // |sum of a_h f_h|^2 = a products a
        for (Eigen::Index query = 0; query < tokens; ++query) {
            for (Eigen::Index head = 0; head < count; ++head)
                weights[head] = heads.attention[static_cast<std::size_t>(head)]->weights[static_cast<std::size_t>(query * tokens + key)];
            lengths(query, key) = query == key ? (weights.cast<float>().transpose() * ofKey + residual.row(key)).cast<double>().norm()
                                               : std::sqrt(std::max(weights.dot(products * weights), 0.0));
        }
    }
    return lengths;
}

Result<void> evaluate(const LayerEvidence& evidence, FamilyParameters, std::span<double> values) {
    const LayerStatistics& statistics = evidence.statistics;
    const int tokens = statistics.tokens;
    if (tokens < kShortestSample)
        return {};
    const auto before = std::static_pointer_cast<State>(evidence.state);
    auto after = std::make_shared<State>();
    after->layer = statistics.layer;
    after->hidden = Eigen::Map<const RowMatrix>(evidence.hidden->values.data(), tokens, evidence.hidden->width);
    evidence.state = std::move(after);
    if (!before || before->layer != statistics.layer - 1)
        return {};
    const auto norm = evidence.weights->normAfterAttention(statistics.layer);
    if (!norm && norm.error().code == ErrorCode::Unavailable)
        return {};
    if (!norm)
        return norm.error();
    SINKSCOPE_TRY(const Heads heads, headsOf(evidence, *norm));
    RowMatrix residual = before->hidden;
    normalise(residual, *norm);
    Mixing mixing;
    for (std::size_t head = 0; head < heads.written.size(); ++head)
        mixing.add(heads.attention[head]->weights, heads.written[head]);
    values[0] = mixingShare(mixing.others, mixing.own + residual, statistics.causal);
    const Eigen::MatrixXd lengths = partLengths(heads, residual);
    double share = 0;
    int count = 0;
    for (Eigen::Index query = 1; query < tokens; ++query)
        if (const double all = lengths.row(query).sum(); all > 0) {
            share += lengths(query, 0) / all;
            ++count;
        }
    values[1] = count > 0 ? share / count : std::nan("");
    return {};
}

} // namespace

extern const FeatureFamily layer_mixing_norm;
const FeatureFamily layer_mixing_norm{.id = "layer_mixing_norm", .title = "Mixing of layers behind the norm",
                                      .needs = kNeedsAttention | kNeedsVectors | kNeedsHidden | kNeedsWeights, .standard = false, .metrics = kMetrics,
                                      .evaluateLayer = evaluate};

} // namespace sinkscope::registry_feature_families
