// SPDX-License-Identifier: Apache-2.0
// What a head adds to the residual stream, key by key: f(x_j) = v_j W_O (Kobayashi et al. 2020, 2021; design notes 4.7 and 4.11).
#include "core/analysis/feature_family.h"
#include "core/analysis/head_measures.h"

#include <Eigen/Core>

#include <cmath>

namespace sinkscope::registry_feature_families {
namespace {

constexpr MetricSpec kMetrics[] = {
    {.id = "norm_share_reference", .title = "Norm-weighted attention on the reference",
     .explanation = "Mean over queries of |A_is f(x_s)| / sum over keys of |A_ij f(x_j)|, where f(x) = v W_O is what the head would add for a key and s the key "
                    "that receives most attention. Far below the attention itself when the sink's value is small.",
     .source = "Kobayashi et al., EMNLP 2020", .percent = true},
    {.id = "contribution_reference", .title = "Contribution of the reference",
     .explanation = "Mean over queries of A_is <f(x_s), o_i> / |o_i|^2 with o_i = sum of A_ij f(x_j). Signed; sums to 1 over keys; equals the attention "
                    "when all values are equal. Queries with o_i = 0 are left out.",
     .source = "our reading of contribution weights (Cunningham and Cirone, ICML 2026), whose exact formula we could not see", .low = 0, .high = 1},
    {.id = "contribution_negative", .title = "Opposing contributions",
     .explanation = "Share of the pairs of a query and a visible key whose contribution A_ij <f(x_j), o_i> is negative: keys that work against what the head "
                    "adds in total.",
     .source = "our definition", .percent = true},
    {.id = "mixing_share_head", .title = "Mixing of the head",
     .explanation = "Mean over queries of |sum over j other than i of A_ij f(x_j)| / (that + |A_ii f(x_i)|): how much of what the head adds comes from other "
                    "tokens. The residual stream, norms and biases are left out (AttnN).",
     .source = "mixing ratio of Kobayashi et al., EMNLP 2021", .percent = true},
};

using Matrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

void evaluate(const HeadEvidence& evidence, FamilyParameters, std::span<double> values) {
    const int tokens = evidence.count();
    if (tokens < kShortestSample)
        return;
    const WeightMatrix& projection = *evidence.outputProjection;
    const Eigen::Map<const Matrix> value(evidence.value->values.data(), tokens, evidence.value->width);
    const Eigen::Map<const Matrix> weights(evidence.attention->weights.data(), tokens, tokens);
    const Matrix written = value * Eigen::Map<const Matrix>(projection.values.data(), projection.rows, projection.columns); // f(x_j)
    // Every quantity below is a product of weights with <f_i, f_j>: [T, T] instead of [T, T, width].
    const Eigen::MatrixXd products = (written * written.transpose()).cast<double>();
    const Eigen::MatrixXd a = weights.cast<double>();
    const Eigen::MatrixXd toOutput = a * products; // [i, j] = <o_i, f_j>
    const auto reference = strongestToken(evidence.statistics, evidence.head, evidence.parameters);
    double normShare = 0, contribution = 0, mixing = 0;
    int normCount = 0, contributionCount = 0, mixingCount = 0, negative = 0, pairs = 0;
    for (int i = evidence.statistics.causal ? 1 : 0; i < tokens; ++i) {
        const double output = a.row(i).dot(toOutput.row(i)), self = a(i, i) * a(i, i) * products(i, i);
        const double apart = output - 2 * a(i, i) * toOutput(i, i) + self, mixed = std::sqrt(std::max(apart, 0.0)), kept = std::sqrt(std::max(self, 0.0));
        if (mixed + kept > 0) {
            mixing += mixed / (mixed + kept);
            ++mixingCount;
        }
        double lengths = 0;
        for (int j = 0; j < evidence.visible(i); ++j) {
            lengths += a(i, j) * std::sqrt(std::max(products(j, j), 0.0));
            negative += a(i, j) * toOutput(i, j) < 0 ? 1 : 0;
            ++pairs;
        }
        if (!reference || *reference >= evidence.visible(i))
            continue;
        if (lengths > 0) {
            normShare += a(i, *reference) * std::sqrt(std::max(products(*reference, *reference), 0.0)) / lengths;
            ++normCount;
        }
        if (output > 0) {
            contribution += a(i, *reference) * toOutput(i, *reference) / output;
            ++contributionCount;
        }
    }
    const auto mean = [](double sum, int count) { return count > 0 ? sum / count : std::nan(""); };
    values[0] = mean(normShare, normCount);
    values[1] = mean(contribution, contributionCount);
    values[2] = mean(negative, pairs);
    values[3] = mean(mixing, mixingCount);
}

} // namespace

extern const FeatureFamily output_contribution;
const FeatureFamily output_contribution{.id = "output_contribution", .title = "Norm-weighted attention and contributions",
                                        .needs = kNeedsAttention | kNeedsVectors | kNeedsWeights, .metrics = kMetrics, .evaluateHead = evaluate};

} // namespace sinkscope::registry_feature_families
