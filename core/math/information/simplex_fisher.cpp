// SPDX-License-Identifier: Apache-2.0
#include "core/math/information/simplex_fisher.h"

#include "core/base/simd.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace sinkscope {
namespace {

SINKSCOPE_CLONES double sumOfSquares(const float* values, std::size_t count) {
    double sum = 0;
#pragma omp simd reduction(+ : sum)
    for (std::size_t i = 0; i < count; ++i)
        sum += static_cast<double>(values[i]) * static_cast<double>(values[i]);
    return sum;
}

/// Sum of (sqrt(p) - sqrt(q))^2.
SINKSCOPE_CLONES double squaredChord(const float* p, const float* q, std::size_t count) {
    double sum = 0;
#pragma omp simd reduction(+ : sum)
    for (std::size_t i = 0; i < count; ++i) {
        const double difference = std::sqrt(static_cast<double>(p[i])) - std::sqrt(static_cast<double>(q[i]));
        sum += difference * difference;
    }
    return sum;
}

SINKSCOPE_CLONES double squaredChordTo(const float* p, double root, std::size_t count) {
    double sum = 0;
#pragma omp simd reduction(+ : sum)
    for (std::size_t i = 0; i < count; ++i) {
        const double difference = std::sqrt(static_cast<double>(p[i])) - root;
        sum += difference * difference;
    }
    return sum;
}

/// Angle 2 theta between points of the unit sphere at that squared chord, theta <= pi/2 in the positive orthant.
double distanceOf(double squaredChord) { return 4 * std::asin(std::min(std::sqrt(squaredChord) / 2, std::sqrt(0.5))); }

} // namespace

double fisherTrace(std::span<const float> weights) {
    return std::max(1 - sumOfSquares(weights.data(), weights.size()), 0.0);
}

double fisherLogDeterminant(std::span<const float> weights, std::span<const float> logits) {
    if (weights.size() < 2)
        return std::numeric_limits<double>::quiet_NaN();
    const auto strongest = static_cast<std::size_t>(std::ranges::max_element(weights) - weights.begin());
    const double n = static_cast<double>(weights.size());
    const double normalizer = logits[strongest] - std::log(static_cast<double>(weights[strongest])); // log sum exp of the logits
    double sum = 0;
    for (const float logit : logits)
        sum += logit - normalizer;
    return (std::log(n) + sum) / (n - 1);
}

double temperatureFisher(std::span<const float> weights, std::span<const float> logits) {
    const float origin = logits[static_cast<std::size_t>(std::ranges::max_element(weights) - weights.begin())];
    double mean = 0, squares = 0;
    for (std::size_t i = 0; i < weights.size(); ++i) {
        if (!(weights[i] > 0))
            continue; // its logit may be -infinity
        const double x = static_cast<double>(logits[i]) - origin;
        mean += weights[i] * x;
        squares += weights[i] * x * x;
    }
    return std::max(squares - mean * mean, 0.0);
}

double fisherRaoToUniform(std::span<const float> weights) {
    return distanceOf(squaredChordTo(weights.data(), 1 / std::sqrt(static_cast<double>(weights.size())), weights.size()));
}

double fisherRaoToVertex(std::span<const float> weights) {
    const auto strongest = std::ranges::max_element(weights);
    double others = 0;
    for (auto weight = weights.begin(); weight != weights.end(); ++weight)
        others += weight == strongest ? 0.0F : *weight;
    // |sqrt(p) - e|^2 = 2 - 2 sqrt(p_max), without the difference of two numbers near 1.
    return distanceOf(2 * others / (1 + std::sqrt(static_cast<double>(*strongest))));
}

double fisherRaoDistance(std::span<const float> p, std::span<const float> q) {
    const std::size_t common = std::min(p.size(), q.size());
    double chord = squaredChord(p.data(), q.data(), common);
    for (const float rest : (p.size() > q.size() ? p : q).subspan(common))
        chord += rest;
    return distanceOf(chord);
}

} // namespace sinkscope
