// SPDX-License-Identifier: Apache-2.0
#include "core/math/persistence/filtrations.h"

#include <algorithm>
#include <cmath>
#include <string>

namespace sinkscope {
namespace {

constexpr double kRounding = 1e-3;

Result<void> checkWeights(std::span<const float> attention, int tokens, const FiltrationOptions& options) {
    if (tokens < 0 || attention.size() != static_cast<std::size_t>(tokens) * static_cast<std::size_t>(tokens))
        return Error{ErrorCode::InvalidArgument, std::to_string(attention.size()) + " weights are no square matrix of " +
                     std::to_string(tokens) + " tokens", {}};
    if (!(options.lowerBound >= 0 && options.lowerBound < 1))
        return Error{ErrorCode::InvalidArgument, "the lower bound of weights is " + std::to_string(options.lowerBound),
                     {}};
    const auto fits = [](float weight) { return weight >= 0 && weight <= 1 + kRounding; };
    const auto wrong = std::ranges::find_if_not(attention, fits);
    if (wrong == attention.end())
        return {};
    const auto at = wrong - attention.begin();
    const std::string name =
        "attention weight (" + std::to_string(at / tokens) + ", " + std::to_string(at % tokens) + ") is ";
    if (!std::isfinite(*wrong))
        return Error{ErrorCode::NotFinite, name + "NaN or infinite", {}};
    return Error{ErrorCode::InvalidArgument, name + std::to_string(*wrong), {}};
}

std::vector<double> usedWeights(std::span<const float> attention, double lowerBound) {
    std::vector<double> weights(attention.begin(), attention.end());
    for (double& weight : weights)
        weight = weight <= lowerBound ? 0.0 : std::min(weight, 1.0);
    return weights;
}

/// Differences first, so that equal rows are at distance 0 exactly.
double hellinger(const double* a, const double* b, std::size_t n) {
    double sum = 0;
#pragma omp simd reduction(+ : sum)
    for (std::size_t j = 0; j < n; ++j)
        sum += (a[j] - b[j]) * (a[j] - b[j]);
    return std::sqrt(sum / 2);
}

} // namespace

std::string_view nameOf(Filtration filtration) {
    switch (filtration) {
    case Filtration::Mean:
        return "mean";
    case Filtration::Maximum:
        return "max";
    case Filtration::Hellinger:
        return "hellinger";
    }
    return {};
}

Result<std::vector<double>> attentionDissimilarity(std::span<const float> attention, int tokens,
                                                   const FiltrationOptions& options) {
    SINKSCOPE_CHECK(checkWeights(attention, tokens, options));
    std::vector<double> weights = usedWeights(attention, options.lowerBound);
    const auto n = static_cast<std::size_t>(tokens);
    if (options.filtration == Filtration::Hellinger)
        std::ranges::transform(weights, weights.begin(), [](double weight) { return std::sqrt(weight); });
    std::vector<double> distances(n * n, 0.0);
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t k = i + 1; k < n; ++k) {
            const double forward = weights[i * n + k], back = weights[k * n + i];
            double distance = 0;
            if (options.filtration == Filtration::Mean)
                distance = 1 - (forward + back) / 2;
            else if (options.filtration == Filtration::Maximum)
                distance = 1 - std::max(forward, back);
            else
                distance = hellinger(&weights[i * n], &weights[k * n], n);
            distances[i * n + k] = distances[k * n + i] = distance;
        }
    return distances;
}

} // namespace sinkscope
