// SPDX-License-Identifier: Apache-2.0
#include "core/math/graph/symmetric_eigen.h"

#include "core/base/assert.h"

#include <Eigen/Eigenvalues>

namespace sinkscope {
namespace {

using Solver = Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd>;

/// Row-major or column-major is the same for a symmetric matrix, but the lower triangle of rows is the upper one of columns.
Eigen::MatrixXd matrixOf(std::span<const double> values, int size) {
    SINKSCOPE_ASSERT(size >= 0 && values.size() == static_cast<std::size_t>(size) * static_cast<std::size_t>(size));
    return Eigen::Map<const Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>>(values.data(), size, size);
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

} // namespace sinkscope
