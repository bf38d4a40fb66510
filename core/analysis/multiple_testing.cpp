// SPDX-License-Identifier: Apache-2.0
#include "core/analysis/multiple_testing.h"

#include "core/base/assert.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

namespace sinkscope {
namespace {

/// Both of Benjamini's: p * factor * m / rank, made monotone from the largest down.
void adjustStepUp(std::span<const double> p, std::span<const std::size_t> order, double factor, std::vector<double>& result) {
    const auto count = static_cast<double>(p.size());
    double least = 1;
    for (std::size_t rank = p.size(); rank > 0; --rank) {
        least = std::min(least, p[order[rank - 1]] * factor * count / static_cast<double>(rank));
        result[order[rank - 1]] = least;
    }
}

void adjustStepDown(std::span<const double> p, std::span<const std::size_t> order, std::vector<double>& result) {
    double most = 0;
    for (std::size_t rank = 0; rank < p.size(); ++rank) {
        most = std::max(most, p[order[rank]] * static_cast<double>(p.size() - rank));
        result[order[rank]] = std::min(most, 1.0);
    }
}

} // namespace

std::vector<double> adjusted(std::span<const double> p, Correction correction) {
    SINKSCOPE_ASSERT(std::ranges::all_of(p, [](double value) { return value >= 0 && value <= 1; }));
    std::vector<double> result(p.begin(), p.end());
    if (correction == Correction::None)
        return result;
    std::vector<std::size_t> order(p.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::stable_sort(order, {}, [&](std::size_t i) { return p[i]; });
    double harmonic = 0;
    for (std::size_t i = p.size(); i > 0; --i)
        harmonic += 1.0 / static_cast<double>(i);
    if (correction == Correction::Holm)
        adjustStepDown(p, order, result);
    else
        adjustStepUp(p, order, correction == Correction::BenjaminiYekutieli ? harmonic : 1.0, result);
    return result;
}

double combinedByFisher(std::span<const double> p) {
    double half = 0; // of the statistic
    for (const double value : p)
        half -= std::log(std::max(value, 1e-300));
    // Survival of chi-squared with 2n degrees of freedom: e^-h sum over k < n of h^k / k!, with the largest term taken out.
    double largest = 0, logTerm = 0, sum = 0;
    for (int pass = 0; pass < 2; ++pass) {
        logTerm = 0;
        for (std::size_t k = 0; k < p.size(); ++k) {
            if (k > 0)
                logTerm += std::log(half) - std::log(static_cast<double>(k));
            if (pass == 0)
                largest = std::max(largest, logTerm);
            else
                sum += std::exp(logTerm - largest);
        }
    }
    return p.empty() || half <= 0 ? 1.0 : std::min(1.0, std::exp(largest + std::log(sum) - half));
}

double combinedByCauchy(std::span<const double> p) {
    constexpr double kSmall = 1e-8; // below it tan(pi (1/2 - p)) is 1 / (pi p) to all digits
    double sum = 0;
    for (const double given : p) {
        const double value = std::clamp(given, 1e-300, 1 - 1e-3);
        sum += value < kSmall ? 1 / (std::numbers::pi * value) : std::tan(std::numbers::pi * (0.5 - value));
    }
    if (p.empty())
        return 1;
    const double mean = sum / static_cast<double>(p.size());
    return mean > 0 ? std::atan(1 / mean) / std::numbers::pi : 0.5 - std::atan(mean) / std::numbers::pi;
}

} // namespace sinkscope
