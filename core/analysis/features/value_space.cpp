// SPDX-License-Identifier: Apache-2.0
// What the sink contributes and how the values lie (design note 3.6). The reference s of a head is the candidate that receives most attention.
#include "core/analysis/feature_family.h"
#include "core/analysis/head_measures.h"
#include "core/math/geometry/cloud_shape.h"

#include <cmath>
#include <complex>

namespace sinkscope::registry_feature_families {
namespace {

constexpr MetricSpec kMetrics[] = {
    {.id = "directional_influence", .title = "Directional influence of the reference",
     .explanation = "Mean over queries i of A_is <v_s, o_i> / |o_i|^2, where o_i = sum of A_ij v_j is what the head reads and s the key that "
                    "receives most attention. Over all keys these shares sum to 1 per query. Near 0 although the attention is large: the sink is "
                    "looked at but hardly changes what is read.",
     .source = "our definition, after the projection-based scores of the sink literature", .low = 0, .high = 1},
    {.id = "influence_deficit", .title = "Attention without influence",
     .explanation = "Mean over queries of the weight on the reference minus its directional influence there. 0 when all values are equal, near the "
                    "attention itself when the value of the reference is zero.",
     .source = "our definition", .low = 0, .high = 1},
    {.id = "value_mean_cosine", .title = "Cosine of the reference value with the mean of the others",
     .explanation = "cos(v_s, mean of v_j over j other than s): whether the value of the reference points where the others point on average.",
     .source = "standard", .low = -1, .high = 1},
    {.id = "value_output_cosine", .title = "Cosine of the reference value with the output",
     .explanation = "Mean over queries of cos(v_s, o_i) with o_i = sum of A_ij v_j: whether the head's output points along the reference's value.",
     .source = "standard", .low = -1, .high = 1},
    {.id = "query_reference_cosine", .title = "Cosine of queries with the reference key",
     .explanation = "Mean over the queries that see it of cos(q_i, k_s), after position encoding, as the dot product sees them. Large where a "
                    "sink is made by direction and not by length.",
     .source = "Gu et al., ICLR 2025 (high cosine at the sink)", .low = -1, .high = 1},
    {.id = "plane_resultant", .title = "Agreement of the rotary planes",
     .explanation = "|sum over planes c of q_c conj(k_c)| / sum of |q_c conj(k_c)|, where component c and c + width/2 form the complex plane c of "
                    "rotary embeddings; k is the reference key, mean over queries. 1 when all planes agree on a phase. Says nothing for models "
                    "without rotary embeddings.",
     .source = "after a public study of sinks in OLMo", .low = 0, .high = 1},
    {.id = "value_effective_rank", .title = "Effective rank of the values",
     .explanation = "exp(entropy of the squared singular values of V as shares), not centred. 1: all values are parallel; T: orthogonal and of one "
                    "length. Once per key/value head, at its first query head.",
     .source = "Roy and Vetterli (2007)", .low = 1, .high = 0},
    {.id = "value_anisotropy", .title = "Anisotropy of the values",
     .explanation = "Share of the largest squared singular value of V. Near 1: one direction dominates. Once per key/value head.",
     .source = "standard", .low = 0, .high = 1},
    {.id = "value_participation", .title = "Participation ratio of the values",
     .explanation = "(sum of s^2)^2 / sum of s^4 over the singular values s of V. Once per key/value head.", .source = "standard", .low = 1, .high = 0},
};

double dot(const float* a, const float* b, int width) {
    double sum = 0;
    for (int i = 0; i < width; ++i)
        sum += static_cast<double>(a[i]) * b[i];
    return sum;
}

double cosine(const float* a, const float* b, int width) {
    const double norms = std::sqrt(dot(a, a, width) * dot(b, b, width));
    return norms > 0 ? dot(a, b, width) / norms : std::nan("");
}

/// Mean of what is a number.
class Mean {
public:
    void add(double value) {
        if (!std::isnan(value)) {
            m_sum += value;
            ++m_count;
        }
    }
    [[nodiscard]] double value() const { return m_count > 0 ? m_sum / m_count : std::nan(""); }

private:
    double m_sum = 0;
    int m_count = 0;
};

const float* rowOf(const HeadVectors& vectors, int token) { return &vectors.values[static_cast<std::size_t>(token) * static_cast<std::size_t>(vectors.width)]; }

double planeAgreement(const float* query, const float* key, int width) {
    std::complex<double> sum = 0;
    double lengths = 0;
    for (int plane = 0; plane < width / 2; ++plane) {
        const std::complex<double> product = std::complex<double>(query[plane], query[plane + width / 2]) *
                                             std::conj(std::complex<double>(key[plane], key[plane + width / 2]));
        sum += product;
        lengths += std::abs(product);
    }
    return lengths > 0 ? std::abs(sum) / lengths : std::nan("");
}

void aboutReference(const HeadEvidence& evidence, int reference, std::span<double> values) {
    const HeadVectors& value = *evidence.value;
    const int tokens = evidence.count(), width = value.width;
    const float* own = rowOf(value, reference);
    std::vector<float> output(static_cast<std::size_t>(width)), others(output.size(), 0.0F);
    Mean influence, deficit, outputCosine, queryCosine, planes;
    for (int token = 0; token < tokens; ++token)
        for (int i = 0; token != reference && i < width; ++i)
            others[static_cast<std::size_t>(i)] += rowOf(value, token)[i];
    const int first = evidence.statistics.causal ? std::max(reference, 1) : 0; // query 0 of a causal model has no choice
    for (int query = first; query < tokens; ++query) {
        const auto weights = evidence.row(query);
        std::fill(output.begin(), output.end(), 0.0F);
        for (int key = 0; key < evidence.visible(query); ++key)
            for (int i = 0; i < width; ++i)
                output[static_cast<std::size_t>(i)] += weights[static_cast<std::size_t>(key)] * rowOf(value, key)[i];
        const double length = dot(output.data(), output.data(), width), weight = weights[static_cast<std::size_t>(reference)];
        const double share = length > 0 ? weight * dot(own, output.data(), width) / length : std::nan("");
        influence.add(share);
        deficit.add(weight - share);
        outputCosine.add(cosine(own, output.data(), width));
        queryCosine.add(cosine(rowOf(*evidence.query, query), rowOf(*evidence.key, reference), width));
        planes.add(planeAgreement(rowOf(*evidence.query, query), rowOf(*evidence.key, reference), width));
    }
    values[0] = influence.value();
    values[1] = deficit.value();
    values[2] = cosine(own, others.data(), width);
    values[3] = outputCosine.value();
    values[4] = queryCosine.value();
    values[5] = planes.value();
}

void evaluate(const HeadEvidence& evidence, FamilyParameters, std::span<double> values) {
    if (evidence.count() < kShortestSample)
        return;
    if (const auto reference = strongestToken(evidence.statistics, evidence.head, evidence.parameters))
        aboutReference(evidence, *reference, values);
    const int group = evidence.statistics.keyValueHeadOf(evidence.head);
    if (evidence.head > 0 && evidence.statistics.keyValueHeadOf(evidence.head - 1) == group)
        return; // heads of a group share their values: count them once
    const CloudShape shape = cloudShape(evidence.value->values, evidence.count(), evidence.value->width);
    if (shape.participationRatio > 0) {
        values[6] = shape.effectiveRank;
        values[7] = shape.anisotropy;
        values[8] = shape.participationRatio;
    }
}

} // namespace

extern const FeatureFamily value_space;
const FeatureFamily value_space{.id = "value_space", .title = "Value space", .needs = kNeedsAttention | kNeedsVectors, .metrics = kMetrics,
                                .evaluateHead = evaluate};

} // namespace sinkscope::registry_feature_families
