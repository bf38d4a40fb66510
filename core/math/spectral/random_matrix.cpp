// SPDX-License-Identifier: Apache-2.0
#include "core/math/spectral/random_matrix.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

namespace sinkscope {
namespace {

constexpr double kPi = std::numbers::pi;

/// Share of the law up to the point middle - half cos(angle): with this substitution the density becomes sin^2 / (middle - half cos), which
/// has an elementary integral.
double shareUpTo(const MarchenkoPastur& law, double angle) {
    if (angle >= kPi)
        return 1;
    const double middle = (law.low() + law.high()) / 2, half = (law.high() - law.low()) / 2;
    const double root = std::sqrt(law.low() * law.high());
    const double arc = root > 0 ? 2 * root * std::atan(std::sqrt(law.high() / law.low()) * std::tan(angle / 2)) : 0.0;
    return std::clamp(law.ratio / (2 * kPi * law.variance) * (middle * angle + half * std::sin(angle) - arc), 0.0, 1.0);
}

/// Largest difference between the empirical distribution of a falling tail and 1 - (x / start)^(1 - alpha).
double tailDistance(std::span<const double> falling, double start, double alpha) {
    const auto count = static_cast<double>(falling.size());
    double distance = 0;
    for (std::size_t i = 0; i < falling.size(); ++i) {
        const double above = std::pow(falling[i] / start, 1 - alpha); // share of the law beyond this value
        distance = std::max({distance, std::abs(above - static_cast<double>(i) / count), std::abs(above - static_cast<double>(i + 1) / count)});
    }
    return distance;
}

} // namespace

double MarchenkoPastur::low() const { return variance * (1 - 1 / std::sqrt(ratio)) * (1 - 1 / std::sqrt(ratio)); }
double MarchenkoPastur::high() const { return variance * (1 + 1 / std::sqrt(ratio)) * (1 + 1 / std::sqrt(ratio)); }

double MarchenkoPastur::density(double x) const {
    const double square = (high() - x) * (x - low());
    return x > 0 && square > 0 ? std::sqrt(square) * ratio / (2 * kPi * variance * x) : 0.0;
}

double MarchenkoPastur::cumulative(double x) const {
    const double middle = (low() + high()) / 2, half = (high() - low()) / 2;
    return shareUpTo(*this, std::acos(std::clamp((middle - x) / half, -1.0, 1.0)));
}

double MarchenkoPastur::quantile(double share) const {
    double from = 0, to = kPi;
    for (int step = 0; step < 60; ++step) {
        const double angle = (from + to) / 2;
        (shareUpTo(*this, angle) < share ? from : to) = angle;
    }
    return (low() + high()) / 2 - (high() - low()) / 2 * std::cos((from + to) / 2);
}

MarchenkoPasturDistance distanceTo(const MarchenkoPastur& law, std::span<const double> eigenvalues) {
    MarchenkoPasturDistance distance;
    const auto count = static_cast<double>(eigenvalues.size());
    for (std::size_t i = 0; i < eigenvalues.size(); ++i) {
        const double above = 1 - law.cumulative(eigenvalues[i]);
        const double begin = static_cast<double>(i) / count, end = static_cast<double>(i + 1) / count;
        distance.kolmogorovSmirnov = std::max({distance.kolmogorovSmirnov, std::abs(above - begin), std::abs(above - end)});
        distance.wasserstein += std::abs(eigenvalues[i] - law.quantile(1 - (begin + end) / 2)) / (count * law.variance);
    }
    return distance;
}

double tracyWidomEdge(std::size_t rows, std::size_t columns, double variance, double quantile) {
    const double n = static_cast<double>(std::max(rows, columns)), p = static_cast<double>(std::min(rows, columns));
    const double sum = std::sqrt(n - 1) + std::sqrt(p), scale = sum * std::cbrt(1 / std::sqrt(n - 1) + 1 / std::sqrt(p));
    return variance * (sum * sum + quantile * scale) / n;
}

double weightWatcherEdge(const MarchenkoPastur& law, std::size_t columns) {
    const double high = law.high(), size = static_cast<double>(columns);
    return high + std::sqrt(std::pow(high, 2.0 / 3) * std::pow(size, -2.0 / 3) / std::sqrt(law.ratio));
}

int countSpikes(std::span<const double> eigenvalues, double edge) {
    return static_cast<int>(std::ranges::count_if(eigenvalues, [edge](double value) { return value > edge; }));
}

double powerLawExponent(std::span<const double> values, double start) {
    double sum = 0, count = 0;
    for (const double value : values)
        if (value >= start) {
            sum += std::log(value / start);
            ++count;
        }
    return sum > 0 ? 1 + count / sum : std::numeric_limits<double>::quiet_NaN();
}

std::optional<PowerLawFit> fitPowerLaw(std::span<const double> values) {
    while (!values.empty() && !(values.back() > 0))
        values = values.first(values.size() - 1);
    std::optional<PowerLawFit> best;
    double sum = 0; // of the logarithms so far
    for (std::size_t tail = 1; tail <= values.size(); ++tail) {
        const double start = values[tail - 1], logarithm = std::log(start);
        sum += logarithm;
        if (tail < kShortestTail || (tail < values.size() && values[tail] == start))
            continue; // equal values are in the tail together
        const double spread = sum - static_cast<double>(tail) * logarithm;
        if (!(spread > 0))
            continue;
        const double alpha = 1 + static_cast<double>(tail) / spread;
        const double distance = tailDistance(values.first(tail), start, alpha);
        if (!best || distance < best->distance)
            best = PowerLawFit{alpha, start, distance, (alpha - 1) / std::sqrt(static_cast<double>(tail)), static_cast<int>(tail)};
    }
    return best;
}

} // namespace sinkscope
