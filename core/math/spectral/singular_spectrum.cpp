// SPDX-License-Identifier: Apache-2.0
#include "core/math/spectral/singular_spectrum.h"

#include "core/base/simd.h"
#include "core/math/spectral/symmetric_eigenvalues.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

namespace sinkscope {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
/// Vectors whose outer products are added at a time: one pass over the triangle serves them all.
constexpr std::size_t kPanel = 8;

/// Lower triangle += sum over the panel of x x'. `panel` is [kPanel, side].
SINKSCOPE_CLONES void addOuterProducts(const double* panel, std::size_t side, double* gram) {
    const double* x = panel;
    for (std::size_t r = 0; r < side; ++r) {
        double* row = gram + r * side;
        const double x0 = x[r], x1 = x[side + r], x2 = x[2 * side + r], x3 = x[3 * side + r];
        const double x4 = x[4 * side + r], x5 = x[5 * side + r], x6 = x[6 * side + r], x7 = x[7 * side + r];
#pragma omp simd
        for (std::size_t c = 0; c <= r; ++c)
            row[c] += ((x0 * x[c] + x1 * x[side + c]) + (x2 * x[2 * side + c] + x3 * x[3 * side + c])) +
                      ((x4 * x[4 * side + c] + x5 * x[5 * side + c]) + (x6 * x[6 * side + c] + x7 * x[7 * side + c]));
    }
}

/// Gram matrix of the smaller side, lower triangle.
Result<std::vector<double>> gramMatrix(std::span<const float> data, std::size_t rows, std::size_t columns, const JobContext& context) {
    const bool overColumns = columns <= rows;
    const std::size_t side = std::min(rows, columns), count = std::max(rows, columns);
    std::vector<double> gram(side * side, 0.0), panel(kPanel * side);
    for (std::size_t first = 0; first < count; first += kPanel) {
        SINKSCOPE_CHECK(context.checkpoint());
        const std::size_t held = std::min(kPanel, count - first);
        if (held < kPanel)
            std::ranges::fill(panel, 0.0);
        if (overColumns)
            for (std::size_t k = 0; k < held; ++k)
                std::copy_n(data.data() + (first + k) * columns, side, panel.data() + k * side);
        else
            for (std::size_t r = 0; r < side; ++r)
                for (std::size_t k = 0; k < held; ++k)
                    panel[k * side + r] = data[r * columns + first + k];
        addOuterProducts(panel.data(), side, gram.data());
    }
    return gram;
}

double sumOf(std::span<const double> values) { return std::accumulate(values.begin(), values.end(), 0.0); }

} // namespace

Result<std::vector<double>> squaredSingularValues(std::span<const float> data, std::size_t rows, std::size_t columns,
                                                  const JobContext& context) {
    SINKSCOPE_ASSERT(data.size() == rows * columns);
    if (data.empty())
        return std::vector<double>();
    SINKSCOPE_TRY(std::vector<double> gram, gramMatrix(data, rows, columns, context));
    SINKSCOPE_TRY(std::vector<double> values, symmetricEigenvalues(std::move(gram), std::min(rows, columns), context));
    std::ranges::reverse(values);
    for (double& value : values)
        value = value < 0 ? 0 : value; // rounding; NaN stays
    return values;
}

double participationRatio(std::span<const double> energies) {
    double squares = 0;
    for (const double energy : energies)
        squares += energy * energy;
    const double sum = sumOf(energies);
    return squares > 0 ? sum * sum / squares : kNone;
}

double spectralEntropy(std::span<const double> energies) {
    const double sum = sumOf(energies);
    if (!(sum > 0))
        return kNone;
    double entropy = 0;
    for (const double energy : energies)
        entropy -= energy > 0 ? energy / sum * std::log(energy / sum) : 0;
    return std::max(entropy, 0.0);
}

double stableRank(std::span<const double> energies) {
    return !energies.empty() && energies.front() > 0 ? sumOf(energies) / energies.front() : kNone;
}

int numericalRank(std::span<const double> energies, double tolerance) {
    if (energies.empty() || !(energies.front() > 0))
        return 0;
    const double smallest = energies.front() * tolerance * tolerance;
    return static_cast<int>(std::ranges::count_if(energies, [smallest](double energy) { return energy > smallest; }));
}

double wassersteinDistance(std::span<const double> a, std::span<const double> b) {
    if (a.empty() || b.empty())
        return kNone;
    const auto countA = static_cast<double>(a.size()), countB = static_cast<double>(b.size());
    double sum = 0, at = 0;
    std::size_t i = 0, j = 0;
    while (i < a.size() && j < b.size()) {
        const double endA = static_cast<double>(i + 1) / countA, endB = static_cast<double>(j + 1) / countB, end = std::min(endA, endB);
        sum += (end - at) * std::abs(a[i] - b[j]);
        at = end;
        i += endA <= end ? 1 : 0;
        j += endB <= end ? 1 : 0;
    }
    return sum;
}

} // namespace sinkscope
