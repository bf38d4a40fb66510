// SPDX-License-Identifier: Apache-2.0
#include "core/math/graph/symmetric_eigen.h"

#include "core/base/assert.h"

#include <Eigen/Eigenvalues>

#include <cmath>

namespace sinkscope {
namespace {

using Solver = Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd>;

/// Row-major or column-major is the same for a symmetric matrix, but the lower triangle of rows is the upper one of columns.
Eigen::MatrixXd matrixOf(std::span<const double> values, int size) {
    SINKSCOPE_ASSERT(size >= 0 && values.size() == static_cast<std::size_t>(size) * static_cast<std::size_t>(size));
    return Eigen::Map<const Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>>(values.data(), size, size);
}

/// Solves (shift - T) x = x in place, shift above every eigenvalue: positive definite, so that no pivots are needed.
void solveShifted(const Eigen::VectorXd& diagonal, const Eigen::VectorXd& below, double shift, Eigen::VectorXd& x) {
    const Eigen::Index n = diagonal.size();
    const double least = std::abs(shift) * 1e-300 + 1e-300;
    Eigen::VectorXd pivot(n);
    pivot[0] = shift - diagonal[0];
    for (Eigen::Index i = 1; i < n; ++i) {
        pivot[i - 1] = std::abs(pivot[i - 1]) < least ? least : pivot[i - 1];
        const double factor = -below[i - 1] / pivot[i - 1];
        pivot[i] = shift - diagonal[i] + factor * below[i - 1];
        x[i] -= factor * x[i - 1];
    }
    pivot[n - 1] = std::abs(pivot[n - 1]) < least ? least : pivot[n - 1];
    x[n - 1] /= pivot[n - 1];
    for (Eigen::Index i = n - 2; i >= 0; --i)
        x[i] = (x[i] + below[i] * x[i + 1]) / pivot[i];
}

} // namespace

std::optional<std::vector<double>> symmetricEigenvalues(std::span<const double> matrix, int size) {
    if (size == 0)
        return std::vector<double>();
    const Eigen::MatrixXd dense = matrixOf(matrix, size);
    if (!dense.allFinite())
        return std::nullopt;
    const Solver solver(dense, Eigen::EigenvaluesOnly);
    if (solver.info() != Eigen::Success)
        return std::nullopt;
    return std::vector<double>(solver.eigenvalues().begin(), solver.eigenvalues().end());
}

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
    if (size < 2)
        return std::nullopt;
    const Eigen::MatrixXd dense = matrixOf(matrix, size);
    const double scale = dense.cwiseAbs().maxCoeff();
    if (!dense.allFinite())
        return std::nullopt;
    const Eigen::Tridiagonalization<Eigen::MatrixXd> form(dense);
    const Eigen::VectorXd diagonal = form.diagonal(), below = form.subDiagonal();
    Solver solver(size);
    solver.computeFromTridiagonal(diagonal, below, Eigen::EigenvaluesOnly);
    if (solver.info() != Eigen::Success)
        return std::nullopt;
    LeadingMode mode{.value = solver.eigenvalues()[size - 1], .next = solver.eigenvalues()[size - 2], .vector = {}};
    // Inverse iteration: each step shrinks the other modes by (distance of the shift) / (gap), so that three are plenty.
    const double shift = mode.value + 1e-13 * std::max(scale, std::abs(mode.value));
    Eigen::VectorXd x(size);
    for (Eigen::Index i = 0; i < size; ++i)
        x[i] = 1 + 0.5 * std::sin(static_cast<double>(i)); // anything that no mode is orthogonal to by symmetry
    for (int step = 0; step < 3; ++step) {
        x.normalize();
        solveShifted(diagonal, below, shift, x);
        if (!x.allFinite())
            return std::nullopt;
    }
    x = form.matrixQ() * x;
    x *= (x.sum() < 0 ? -1 : 1) / x.norm();
    mode.vector.assign(x.begin(), x.end());
    return mode;
}

} // namespace sinkscope
