// SPDX-License-Identifier: Apache-2.0
#include "core/math/graph/symmetric_eigen.h"

#include "core/base/assert.h"
#include "core/base/simd.h"
#include "core/math/spectral/symmetric_eigenvalues.h"

#include <Eigen/Eigenvalues>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace sinkscope {
namespace {

constexpr double kShift = 1e-10; ///< of the largest magnitude: far above rounding, far below the gaps that count
constexpr int kSteps = 4;

SINKSCOPE_CLONES double dotOf(const double* a, const double* b, std::size_t n) {
    double sum = 0;
#pragma omp simd reduction(+ : sum)
    for (std::size_t i = 0; i < n; ++i)
        sum += a[i] * b[i];
    return sum;
}

SINKSCOPE_CLONES void addScaled(double* to, const double* from, double factor, std::size_t n) {
#pragma omp simd
    for (std::size_t i = 0; i < n; ++i)
        to[i] += factor * from[i];
}

using Solver = Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd>;

/// Row-major or column-major is the same for a symmetric matrix, but the lower triangle of rows is the upper one of columns.
Eigen::MatrixXd matrixOf(std::span<const double> values, int size) {
    SINKSCOPE_ASSERT(size >= 0 && values.size() == static_cast<std::size_t>(size) * static_cast<std::size_t>(size));
    return Eigen::Map<const Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>>(values.data(), size, size);
}

/// Lower triangle of the factor of a positive definite matrix, in its place; false when it is not one up to rounding.
bool factorize(double* matrix, std::size_t n) {
    for (std::size_t i = 0; i < n; ++i) {
        double* row = matrix + i * n;
        for (std::size_t j = 0; j <= i; ++j) {
            const double* other = matrix + j * n;
            const double rest = row[j] - dotOf(row, other, j);
            if (j < i)
                row[j] = rest / other[j];
            else if (!(rest > 0))
                return false;
            else
                row[i] = std::sqrt(rest);
        }
    }
    return true;
}

/// Solves L L' y = x in place.
void solve(const double* factor, std::vector<double>& x) {
    const std::size_t n = x.size();
    for (std::size_t i = 0; i < n; ++i)
        x[i] = (x[i] - dotOf(factor + i * n, x.data(), i)) / factor[i * n + i];
    for (std::size_t i = n; i-- > 0;) {
        x[i] /= factor[i * n + i];
        addScaled(x.data(), factor + i * n, -x[i], i);
    }
}

} // namespace

std::optional<SymmetricModes> symmetricModes(std::span<const double> matrix, int size) {
    if (size == 0)
        return SymmetricModes();
    const Eigen::MatrixXd dense = matrixOf(matrix, size);
    if (!dense.allFinite())
        return std::nullopt;
    const Solver solver(dense);
    if (solver.info() != Eigen::Success)
        return std::nullopt;
    const Eigen::MatrixXd& vectors = solver.eigenvectors(); // columns one after the other, which are our rows
    return SymmetricModes{.values = {solver.eigenvalues().begin(), solver.eigenvalues().end()},
                          .vectors = {vectors.data(), vectors.data() + vectors.size()}};
}

std::optional<LeadingMode> leadingMode(std::span<const double> matrix, int size) {
    const auto n = static_cast<std::size_t>(size);
    SINKSCOPE_ASSERT(size >= 0 && matrix.size() == n * n);
    if (size < 2)
        return std::nullopt;
    std::vector<double> work(matrix.begin(), matrix.end());
    const auto values = symmetricEigenvalues(work, n);
    if (!values || std::isnan(values->front()) || (values->front() == 0 && values->back() == 0))
        return std::nullopt;
    LeadingMode mode{.value = (*values)[n - 1], .next = (*values)[n - 2], .vector = {}};
    // shift - matrix is positive definite, so that no pivots are needed; each step shrinks the other modes by (distance of the shift) / gap.
    const double shift = mode.value + kShift * std::max(std::abs(values->front()), std::abs(mode.value));
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t j = 0; j <= i; ++j)
            work[i * n + j] = (i == j ? shift : 0.0) - matrix[i * n + j];
    if (!factorize(work.data(), n))
        return std::nullopt;
    for (std::size_t i = 0; i < n; ++i) // anything that no mode is orthogonal to by symmetry
        mode.vector.push_back(1 + 0.5 * std::sin(static_cast<double>(i)));
    for (int step = 0; step < kSteps; ++step) {
        solve(work.data(), mode.vector);
        const double norm = std::sqrt(dotOf(mode.vector.data(), mode.vector.data(), n));
        for (double& x : mode.vector)
            x /= norm;
    }
    if (std::accumulate(mode.vector.begin(), mode.vector.end(), 0.0) < 0)
        for (double& x : mode.vector)
            x = -x;
    return mode;
}

} // namespace sinkscope
