// SPDX-License-Identifier: Apache-2.0
#include "core/math/spectral/attention_nulls.h"

#include <algorithm>
#include <cmath>

namespace sinkscope {
namespace {

/// Rows of this entropy or less are vertices, of ln n minus this uniform.
constexpr double kEntropySlack = 1e-7;

double entropyOf(std::span<const float> row) {
    double entropy = 0;
    for (const float weight : row)
        entropy -= weight > 0 ? weight * std::log(static_cast<double>(weight)) : 0;
    return entropy;
}

/// softmax(sharpness * scores) into `row`; returns its entropy. `highest` is the largest score.
double sharpened(std::span<const double> scores, double highest, double sharpness, std::span<double> row) {
    double sum = 0, weighted = 0;
    for (std::size_t j = 0; j < scores.size(); ++j) {
        const double exponent = sharpness * (scores[j] - highest);
        row[j] = std::exp(exponent);
        sum += row[j];
        weighted += row[j] * exponent;
    }
    for (double& weight : row)
        weight /= sum;
    return std::log(sum) - weighted / sum;
}

/// The entropy falls with the sharpness (its derivative is minus sharpness times a variance), so bisection finds it.
void matchEntropy(std::span<const double> scores, double highest, double entropy, std::span<double> row) {
    const double most = std::log(static_cast<double>(scores.size()));
    if (entropy >= most - kEntropySlack)
        return void(sharpened(scores, highest, 0, row));
    double low = 0, high = 1;
    while (high < 1e12 && sharpened(scores, highest, high, row) > std::max(entropy, kEntropySlack))
        high *= 2;
    for (int step = 0; step < 40; ++step) {
        const double middle = (low + high) / 2;
        (sharpened(scores, highest, middle, row) > std::max(entropy, kEntropySlack) ? low : high) = middle;
    }
    sharpened(scores, highest, high, row);
}

double deviationOf(std::span<const float> logits) {
    double sum = 0, count = 0, squares = 0;
    for (const float logit : logits)
        if (std::isfinite(logit)) {
            sum += logit;
            ++count;
        }
    for (const float logit : logits)
        if (std::isfinite(logit))
            squares += (logit - sum / count) * (logit - sum / count);
    return count > 0 ? std::sqrt(squares / count) : 0;
}

void softmaxNull(AttentionNull kind, std::span<const float> weights, std::span<const float> logits, std::span<float> out, SeededRandom& random) {
    std::vector<double> scores(weights.size()), row(weights.size());
    for (double& score : scores)
        score = random.normal();
    const double highest = *std::ranges::max_element(scores);
    if (kind == AttentionNull::MatchedEntropy)
        matchEntropy(scores, highest, entropyOf(weights), row);
    else
        sharpened(scores, highest, deviationOf(logits), row);
    std::ranges::transform(row, out.begin(), [](double weight) { return static_cast<float>(weight); });
}

void shuffle(std::span<float> row, SeededRandom& random) {
    for (std::size_t left = row.size(); left > 1; --left)
        std::swap(row[left - 1], row[random.below(left)]);
}

void gaussianNull(std::span<const float> weights, std::size_t tokens, bool causal, std::span<float> out, SeededRandom& random) {
    double sum = 0, squares = 0, count = 0;
    const auto visible = [&](std::size_t query) { return causal ? query + 1 : tokens; };
    for (std::size_t i = 0; i < tokens; ++i)
        for (const float weight : weights.subspan(i * tokens, visible(i))) {
            sum += weight;
            squares += static_cast<double>(weight) * weight;
            ++count;
        }
    const double mean = sum / count, deviation = std::sqrt(std::max(squares / count - mean * mean, 0.0));
    for (std::size_t i = 0; i < tokens; ++i)
        for (float& weight : out.subspan(i * tokens, visible(i)))
            weight = static_cast<float>(mean + deviation * random.normal());
}

} // namespace

std::vector<float> drawNull(AttentionNull kind, std::span<const float> weights, std::span<const float> logits, std::size_t tokens, bool causal,
                            SeededRandom& random) {
    std::vector<float> null(tokens * tokens, 0.0F);
    if (kind == AttentionNull::Gaussian) {
        gaussianNull(weights, tokens, causal, null, random);
        return null;
    }
    for (std::size_t i = 0; i < tokens; ++i) {
        const std::size_t visible = causal ? i + 1 : tokens;
        const std::span<const float> row = weights.subspan(i * tokens, visible);
        const std::span<float> out = std::span(null).subspan(i * tokens, visible);
        if (kind == AttentionNull::Shuffled) {
            std::ranges::copy(row, out.begin());
            shuffle(out, random);
        } else {
            softmaxNull(kind, row, logits.subspan(i * tokens, visible), out, random);
        }
    }
    return null;
}

} // namespace sinkscope
