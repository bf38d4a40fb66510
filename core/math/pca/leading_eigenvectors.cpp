// SPDX-License-Identifier: Apache-2.0
#include "core/math/pca/leading_eigenvectors.h"

#include <Eigen/Eigenvalues>
#include <Spectra/SymEigsSolver.h>

#include <algorithm>
#include <cmath>

namespace sinkscope::pca {
namespace {

using Matrix = Eigen::MatrixXd;
using Vector = Eigen::VectorXd;

/// Up to this size the whole spectrum takes less than the iteration might.
constexpr Eigen::Index kDenseSide = 96;

struct Stopped {}; // leaves the solver when the job is cancelled; never leaves this file

class SymmetricProduct {
public:
    using Scalar = double;
    SymmetricProduct(const Matrix& matrix, const JobContext& context) : m_matrix(matrix), m_context(context) {}
    [[nodiscard]] Eigen::Index rows() const { return m_matrix.rows(); }
    [[nodiscard]] Eigen::Index cols() const { return m_matrix.cols(); }
    void perform_op(const double* in, double* out) const { // the name that Spectra calls
        if (m_context.cancelled())
            throw Stopped{};
        Eigen::Map<Vector>(out, rows()).noalias() = m_matrix * Eigen::Map<const Vector>(in, rows());
    }

private:
    const Matrix& m_matrix;
    const JobContext& m_context;
};

EigenPairs allPairs(const Matrix& matrix, Eigen::Index wanted, double factor) {
    const Eigen::SelfAdjointEigenSolver<Matrix> solver(matrix);
    return {factor * solver.eigenvalues().reverse().head(wanted), solver.eigenvectors().rowwise().reverse().leftCols(wanted)};
}

} // namespace

Result<EigenPairs> leadingEigenpairs(const Matrix& given, Eigen::Index wanted, const JobContext& context) {
    const double trace = given.trace();
    if (!(trace > 0))
        return EigenPairs{Vector::Zero(wanted), Matrix::Identity(given.rows(), wanted)};
    const Matrix matrix = given / trace; // the iteration takes numbers near 0 for rounding
    if (matrix.rows() <= kDenseSide || wanted > 20)
        return allPairs(matrix, wanted, trace);
    SymmetricProduct product(matrix, context);
    Spectra::SymEigsSolver<SymmetricProduct> solver(product, static_cast<int>(wanted), 40);
    Vector start(matrix.rows()); // fixed, so that equal data give equal coordinates
    for (Eigen::Index i = 0; i < start.size(); ++i)
        start[i] = 1.0 + std::sin(static_cast<double>(i) * 0.7);
    try {
        solver.init(start.data());
        const auto found = solver.compute(Spectra::SortRule::LargestAlge, 2000, 1e-12);
        if (solver.info() == Spectra::CompInfo::Successful && found >= wanted)
            return EigenPairs{trace * solver.eigenvalues(), solver.eigenvectors()};
    } catch (const Stopped&) {
        return Error{ErrorCode::Cancelled, "stopped on request", {}};
    }
    return allPairs(matrix, wanted, trace);
}

} // namespace sinkscope::pca
