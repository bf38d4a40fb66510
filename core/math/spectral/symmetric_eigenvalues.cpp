// SPDX-License-Identifier: Apache-2.0
#include "core/math/spectral/symmetric_eigenvalues.h"

#include "core/base/simd.h"

#include <Eigen/Eigenvalues>

#include <algorithm>
#include <cmath>
#include <limits>

namespace sinkscope {
namespace {

/// For rows 0..count-1 of the lower triangle: subtracts what the last reflection left to subtract (v w' + w v'), and multiplies the result,
/// taken as symmetric, with `next`. Doing both in one pass halves the memory traffic, which is what large matrices wait for.
SINKSCOPE_CLONES void updateAndMultiply(double* matrix, std::size_t stride, std::size_t count, const double* v, const double* w,
                                        const double* next, double* product) {
    for (std::size_t r = 0; r < count; ++r) {
        double* row = matrix + r * stride;
        const double vr = v[r], wr = w[r], nextR = next[r];
        double sum = 0;
#pragma omp simd reduction(+ : sum)
        for (std::size_t c = 0; c < r; ++c) {
            const double x = row[c] - vr * w[c] - wr * v[c];
            row[c] = x;
            sum += x * next[c];
            product[c] += nextR * x;
        }
        row[r] -= 2 * vr * wr;
        product[r] = sum + row[r] * nextR;
    }
}

/// A reflection that leaves of `x` only its last entry, `alpha`: I - v v' / h. h = 0 when there is nothing to do.
struct Reflection {
    double alpha = 0, h = 0;
};

Reflection reflect(std::span<const double> x, double* v) {
    std::ranges::copy(x, v);
    double others = 0;
    for (std::size_t i = 0; i + 1 < x.size(); ++i)
        others += x[i] * x[i];
    const double last = x.back();
    if (others == 0.0)
        return {last, 0};
    const double norm = std::sqrt(others + last * last), alpha = last > 0 ? -norm : norm;
    v[x.size() - 1] = last - alpha;
    return {alpha, norm * norm - last * alpha};
}

/// Diagonal and subdiagonal of a tridiagonal matrix with the same eigenvalues.
struct Tridiagonal {
    Eigen::VectorXd diagonal, below;
};

/// Eliminates rows from the last upwards, so that every row is contiguous and what remains is a leading block.
Result<Tridiagonal> tridiagonal(std::span<double> matrix, std::size_t n, const JobContext& context) {
    Tridiagonal result{Eigen::VectorXd(static_cast<Eigen::Index>(n)), Eigen::VectorXd(static_cast<Eigen::Index>(n) - 1)};
    std::vector<double> v(n, 0.0), w(n, 0.0), next(n, 0.0), product(n, 0.0);
    for (std::size_t i = n - 1; i > 0; --i) {
        SINKSCOPE_CHECK(context.checkpoint());
        double* row = matrix.data() + i * n;
        for (std::size_t c = 0; c < i; ++c)
            row[c] -= v[i] * w[c] + w[i] * v[c];
        row[i] -= 2 * v[i] * w[i];
        const Reflection reflection = reflect(std::span(row, i), next.data());
        result.diagonal[static_cast<Eigen::Index>(i)] = row[i];
        result.below[static_cast<Eigen::Index>(i) - 1] = reflection.alpha;
        if (reflection.h == 0.0)
            std::fill(next.begin(), next.end(), 0.0);
        updateAndMultiply(matrix.data(), n, i, v.data(), w.data(), next.data(), product.data());
        double along = 0;
        for (std::size_t c = 0; c < i; ++c)
            along += next[c] * product[c];
        const double inverse = reflection.h > 0 ? 1 / reflection.h : 0, share = along * inverse * inverse / 2;
        for (std::size_t c = 0; c < i; ++c) {
            v[c] = next[c];
            w[c] = product[c] * inverse - share * next[c];
        }
    }
    result.diagonal[0] = matrix[0] - 2 * v[0] * w[0];
    return result;
}

} // namespace

Result<std::vector<double>> symmetricEigenvalues(std::span<double> matrix, std::size_t n, const JobContext& context) {
    SINKSCOPE_ASSERT(matrix.size() == n * n);
    double largest = 0, check = 0; // check: NaN as soon as anything is not finite
    for (std::size_t r = 0; r < n; ++r)
        for (std::size_t c = 0; c <= r; ++c) {
            largest = std::max(largest, std::abs(matrix[r * n + c]));
            check += matrix[r * n + c] * 0.0;
        }
    if (check != 0.0 || !std::isfinite(largest))
        return std::vector<double>(n, std::numeric_limits<double>::quiet_NaN());
    if (largest == 0.0)
        return std::vector<double>(n, 0.0);
    // Squares of tiny or huge entries would leave the range of double.
    const double scale = std::exp2(std::min(-std::floor(std::log2(largest)), 1000.0));
    for (double& entry : matrix)
        entry *= scale;
    SINKSCOPE_TRY(const Tridiagonal reduced, tridiagonal(matrix, n, context));
    Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver;
    solver.computeFromTridiagonal(reduced.diagonal, reduced.below, Eigen::EigenvaluesOnly);
    if (solver.info() != Eigen::Success)
        return std::vector<double>(n, std::numeric_limits<double>::quiet_NaN());
    std::vector<double> values(n);
    for (std::size_t i = 0; i < n; ++i)
        values[i] = solver.eigenvalues()[static_cast<Eigen::Index>(i)] / scale;
    return values;
}

} // namespace sinkscope
