// SPDX-License-Identifier: Apache-2.0
#include "views/models/value_space.h"

#include <QCoreApplication>

#include <algorithm>
#include <cmath>

namespace sinkscope {
namespace {

using Vector = std::vector<double>;

std::span<const float> rowOf(const HeadVectors& vectors, int token) {
    return std::span(vectors.values).subspan(static_cast<std::size_t>(token) * static_cast<std::size_t>(vectors.width), static_cast<std::size_t>(vectors.width));
}

template <typename First, typename Second> double dot(const First& a, const Second& b) {
    double sum = 0;
    for (std::size_t i = 0; i < a.size(); ++i)
        sum += static_cast<double>(a[i]) * static_cast<double>(b[i]);
    return sum;
}

double cosineFrom(double product, double squaredA, double squaredB) {
    const double norms = std::sqrt(squaredA * squaredB);
    return norms > 0 ? product / norms : std::nan("");
}

Vector normsFrom(std::span<const float> norms) { return {norms.begin(), norms.end()}; }

/// Cosine of every value with the mean of the others.
Vector cosinesWithMean(const HeadVectors& values) {
    Vector total(static_cast<std::size_t>(values.width), 0.0), result;
    for (int token = 0; token < values.tokens; ++token)
        for (std::size_t i = 0; i < total.size(); ++i)
            total[i] += rowOf(values, token)[i];
    for (int token = 0; token < values.tokens; ++token) {
        const auto own = rowOf(values, token);
        Vector others = total;
        for (std::size_t i = 0; i < others.size(); ++i)
            others[i] -= own[i];
        result.push_back(values.tokens < 2 ? std::nan("") : cosineFrom(dot(own, others), dot(own, own), dot(others, others)));
    }
    return result;
}

/// Sum and number of what every token gets from the queries that see it.
struct Means {
    Vector sum;
    std::vector<int> count;
    explicit Means(int tokens) : sum(static_cast<std::size_t>(tokens), 0.0), count(static_cast<std::size_t>(tokens), 0) {}
    void add(int token, double value) {
        if (std::isnan(value))
            return;
        sum[static_cast<std::size_t>(token)] += value;
        ++count[static_cast<std::size_t>(token)];
    }
    [[nodiscard]] Vector means() const {
        Vector result;
        for (std::size_t i = 0; i < sum.size(); ++i)
            result.push_back(count[i] > 0 ? sum[i] / count[i] : std::nan(""));
        return result;
    }
};

Result<void> addInfluence(ValueSpace& space, const HeadAttention& attention, const HeadVectors& values, const JobContext& context) {
    const int tokens = attention.tokens;
    Vector squared;
    for (int token = 0; token < tokens; ++token)
        squared.push_back(dot(rowOf(values, token), rowOf(values, token)));
    Means weights(tokens), influences(tokens), cosines(tokens);
    for (int query = attention.causal ? 1 : 0; query < tokens; ++query) {
        SINKSCOPE_CHECK(context.checkpoint());
        const auto row = std::span(attention.weights).subspan(static_cast<std::size_t>(query) * static_cast<std::size_t>(tokens), static_cast<std::size_t>(tokens));
        const int visible = attention.causal ? query + 1 : tokens;
        Vector output(static_cast<std::size_t>(values.width), 0.0);
        for (int key = 0; key < visible; ++key)
            for (std::size_t i = 0; i < output.size(); ++i)
                output[i] += static_cast<double>(row[static_cast<std::size_t>(key)]) * static_cast<double>(rowOf(values, key)[i]);
        const double length = dot(output, output);
        for (int key = 0; key < visible; ++key) {
            const double weight = row[static_cast<std::size_t>(key)], product = dot(rowOf(values, key), output);
            weights.add(key, weight);
            influences.add(key, length > 0 ? weight * product / length : std::nan(""));
            cosines.add(key, cosineFrom(product, squared[static_cast<std::size_t>(key)], length));
        }
    }
    space.attention = weights.means();
    space.influence = influences.means();
    space.of[static_cast<std::size_t>(TokenQuantity::OutputCosine)] = cosines.means();
    return {};
}

void addNumbers(ValueSpace& space, const HeadEvidence& evidence) {
    const FeatureFamily* family = findFamily("value_space");
    if (!family || !family->evaluateHead || evidence.count() > family->longest)
        return;
    std::vector<double> parameters, values(family->metrics.size(), std::nan(""));
    for (const ParameterSpec& parameter : family->parameters)
        parameters.push_back(parameter.standard);
    family->evaluateHead(evidence, parameters, values);
    for (std::size_t i = 0; i < values.size(); ++i)
        if (!std::isnan(values[i]))
            space.numbers.push_back({&family->metrics[i], values[i]});
}

QString translated(const char* text) { return QCoreApplication::translate("ValueSpace", text); }

} // namespace

QString titleOf(TokenQuantity quantity) {
    switch (quantity) {
    case TokenQuantity::Received: return translated("Received attention");
    case TokenQuantity::KeyNorm: return translated("Key norm");
    case TokenQuantity::ValueNorm: return translated("Value norm");
    case TokenQuantity::HiddenNorm: return translated("Hidden state norm");
    case TokenQuantity::MeanCosine: return translated("Value · mean value, cosine");
    case TokenQuantity::OutputCosine: return translated("Value · output, cosine");
    }
    return {};
}

QString explanationOf(TokenQuantity quantity) {
    switch (quantity) {
    case TokenQuantity::Received: return translated("Mean weight on the token over the queries that see it");
    case TokenQuantity::KeyNorm: return translated("Euclidean length of the key");
    case TokenQuantity::ValueNorm: return translated("Euclidean length of the value");
    case TokenQuantity::HiddenNorm: return translated("Euclidean length of the residual stream after the layer");
    case TokenQuantity::MeanCosine: return translated("Cosine of the value with the mean of the other tokens' values");
    case TokenQuantity::OutputCosine: return translated("Cosine of the value with the output of the head, mean over the queries that see the token");
    }
    return {};
}

Result<std::shared_ptr<const ValueSpace>> valueSpaceOf(CaptureSource& source, int sample, int head, std::shared_ptr<const LayerStatistics> statistics,
                                                       const MetricParameters& parameters, const JobContext& context) {
    if (!source.hasSpace(Space::Value))
        return Error{ErrorCode::InvalidArgument, "the capture holds no values", {}};
    if (statistics->tokens > kLongestValueSpace)
        return Error{ErrorCode::InvalidArgument, "values are drawn for up to " + std::to_string(kLongestValueSpace) + " tokens", {}};
    const int layer = statistics->layer, group = statistics->keyValueHeadOf(head);
    SINKSCOPE_TRY(const auto attention, attentionOf(source, sample, layer, head));
    SINKSCOPE_TRY(const HeadVectors query, source.vectors(sample, layer, Space::Query, head));
    SINKSCOPE_TRY(const HeadVectors key, source.vectors(sample, layer, Space::Key, group));
    SINKSCOPE_TRY(const HeadVectors value, source.vectors(sample, layer, Space::Value, group));
    auto space = std::make_shared<ValueSpace>();
    space->tokens = statistics->tokens;
    const auto set = [&](TokenQuantity quantity, Vector values) { space->of[static_cast<std::size_t>(quantity)] = std::move(values); };
    Vector received;
    for (int token = 0; token < statistics->tokens; ++token)
        received.push_back(statistics->received(head, token));
    set(TokenQuantity::Received, std::move(received));
    set(TokenQuantity::KeyNorm, normsFrom(statistics->ofHead(statistics->keyNorm, group)));
    set(TokenQuantity::ValueNorm, normsFrom(statistics->ofHead(statistics->valueNorm, group)));
    set(TokenQuantity::HiddenNorm, normsFrom(statistics->hiddenNorm));
    set(TokenQuantity::MeanCosine, cosinesWithMean(value));
    SINKSCOPE_CHECK(addInfluence(*space, *attention, value, context));
    const SampleTokens& tokens = *source.header().samples[static_cast<std::size_t>(sample)];
    addNumbers(*space, {.tokens = tokens, .statistics = *statistics, .parameters = parameters, .head = head, .attention = attention.get(),
                        .query = &query, .key = &key, .value = &value});
    return std::shared_ptr<const ValueSpace>(std::move(space));
}

} // namespace sinkscope
