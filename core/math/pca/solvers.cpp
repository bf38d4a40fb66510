// SPDX-License-Identifier: Apache-2.0
#include "core/math/pca/solvers.h"

#include "core/math/pca/leading_eigenvectors.h"
#include "core/math/pca/row_kernels.h"

#include <Eigen/QR>

#include <algorithm>
#include <cmath>
#include <random>

namespace sinkscope::pca {
namespace {

using Matrix = Eigen::MatrixXd;
using Vector = Eigen::VectorXd;
using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// Eigenvalues below this share of the largest are rounding: of double precision, and of sums that were taken in float32.
constexpr double kDoubleRank = 1e-13, kFloatRank = 1e-11;
/// The iteration ends when no residual is above this share of its eigenvalue, or after so many steps.
constexpr double kResidual = 1e-5;
constexpr int kMostSteps = 30;

/// Whatever the solver returned, the loading of largest magnitude is made positive.
void fixSign(Eigen::Ref<Vector> axis) {
    Eigen::Index largest = 0;
    axis.cwiseAbs().maxCoeff(&largest);
    if (axis[largest] < 0)
        axis = -axis;
}

/// Puts the axes (unit columns over the columns of the matrix) into the basis.
void keep(PrincipalComponents& basis, const Vector& sums, Matrix axes, double rank) {
    basis.sums.assign(static_cast<std::size_t>(basis.components), 0.0);
    basis.axes.assign(basis.sums.size() * static_cast<std::size_t>(basis.width), 0.0);
    for (Eigen::Index k = 0; k < std::min<Eigen::Index>(sums.size(), basis.components); ++k) {
        if (sums[k] <= rank * std::max(sums[0], 0.0))
            continue;
        fixSign(axes.col(k));
        basis.sums[static_cast<std::size_t>(k)] = sums[k];
        Eigen::Map<Vector>(basis.axes.data() + k * basis.width, basis.width) = axes.col(k);
    }
}

void keepNothing(PrincipalComponents& basis) {
    basis.varies = false;
    basis.total = 0;
    keep(basis, Vector(), Matrix(), 0);
}

void keepMean(PrincipalComponents& basis, const Vector& mean) { basis.mean.assign(mean.data(), mean.data() + mean.size()); }

Result<Matrix> allRows(MatrixSource& source) {
    std::vector<float> room;
    SINKSCOPE_TRY(const auto values, source.read(0, source.rows(), room));
    if (!std::ranges::all_of(values, [](float value) { return std::isfinite(value); }))
        return Error{ErrorCode::NotFinite, "the vectors hold NaN or infinity", {}};
    using Floats = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
    return Matrix(Eigen::Map<const Floats>(values.data(), source.rows(), source.width()).cast<double>());
}

/// Orthonormal columns that span the same; directions that vanish stay as some completion.
Matrix orthonormal(const Matrix& columns) {
    const Eigen::HouseholderQR<Matrix> qr(columns);
    return qr.householderQ() * Matrix::Identity(columns.rows(), columns.cols());
}

Matrix randomDirections(Eigen::Index width, Eigen::Index count, std::uint64_t seed) {
    std::mt19937_64 random(seed);
    std::normal_distribution<double> normal;
    Matrix directions(width, count);
    for (Eigen::Index j = 0; j < count; ++j)
        for (Eigen::Index i = 0; i < width; ++i)
            directions(i, j) = normal(random);
    return orthonormal(directions);
}

/// X^T X Q for the rows X as the frame has them, [width, kDirections].
Result<Matrix> normalProduct(MatrixSource& source, const Frame& frame, const Matrix& directions, ThreadTeam& team, const JobContext& context) {
    const auto width = static_cast<std::size_t>(source.width());
    const std::size_t padded = paddedWidth(width), streams = streamsFor(source.rows(), width);
    std::vector<float> packedDirections(padded * kDirections, 0.0F);
    for (Eigen::Index i = 0; i < directions.rows(); ++i)
        for (Eigen::Index j = 0; j < directions.cols(); ++j)
            packedDirections[static_cast<std::size_t>(i) * kDirections + static_cast<std::size_t>(j)] = static_cast<float>(directions(i, j));
    std::vector<std::vector<double>> results(streams, std::vector<double>(padded * kDirections)), sums(streams, std::vector<double>(padded));
    std::vector<std::vector<float>> packed(streams, std::vector<float>(padded * kChunkRows));
    SINKSCOPE_CHECK(forEachChunk(source, streams, team, context, [&](std::size_t stream, const float* rows, std::size_t count) {
        packChunk(rows, count, width, frame.shift.data(), frame.scale, packed[stream].data(), sums[stream].data());
        addNormalProducts(packed[stream].data(), panelsOf(width), packedDirections.data(), results[stream].data());
    }));
    RowMajor total = RowMajor::Zero(directions.rows(), directions.cols());
    for (const auto& result : results)
        total += Eigen::Map<const Eigen::Matrix<double, Eigen::Dynamic, kDirections, Eigen::RowMajor>>(result.data(), directions.rows(),
                                                                                                    kDirections).leftCols(directions.cols());
    return Matrix(total);
}

/// The scaled mean as the shift, so that the products are about it.
Frame aboutMean(const Moments& moments) {
    Frame frame{moments.frame.scale, std::vector<float>(moments.frame.shift.size(), 0.0F)};
    for (std::size_t i = 0; i < moments.mean.size(); ++i)
        frame.shift[i] = static_cast<float>(moments.mean[i] * static_cast<double>(frame.scale));
    return frame;
}

} // namespace

Result<void> solveDirectly(MatrixSource& source, PrincipalComponents& basis, const JobContext& context) {
    SINKSCOPE_TRY(Matrix data, allRows(source));
    basis.passes = 1;
    basis.solver = PcaSolver::Exact;
    const double raw = data.squaredNorm();
    Vector mean = Vector::Zero(data.cols());
    if (basis.centred) {
        mean = data.colwise().mean();
        data.rowwise() -= mean.transpose();
    }
    keepMean(basis, mean);
    basis.total = data.squaredNorm();
    if (!(basis.total > 1e-24 * raw)) { // the mean of equal numbers is not exact: what is left of them is rounding, no variance
        keepNothing(basis);
        return {};
    }
    const bool overColumns = data.cols() <= data.rows();
    const Eigen::Index wanted = std::min<Eigen::Index>(basis.components, std::min(data.cols(), data.rows()));
    Matrix gram;
    if (overColumns)
        gram.noalias() = data.transpose() * data;
    else
        gram.noalias() = data * data.transpose();
    SINKSCOPE_TRY(EigenPairs pairs, leadingEigenpairs(gram, wanted, context));
    if (!overColumns)
        pairs.vectors = (data.transpose() * pairs.vectors).colwise().normalized();
    keep(basis, pairs.values, std::move(pairs.vectors), kDoubleRank);
    return {};
}

Result<void> solveByCovariance(MatrixSource& source, PrincipalComponents& basis, ThreadTeam& team, const JobContext& context) {
    SINKSCOPE_TRY(Moments moments, momentsOf(source, basis.centred, true, team, context));
    basis.passes = 1;
    basis.solver = PcaSolver::Exact;
    basis.mean = std::move(moments.mean);
    basis.total = moments.total;
    if (!moments.varies()) {
        keepNothing(basis);
        return {};
    }
    const Matrix products = Eigen::Map<const Matrix>(moments.products.data(), basis.width, basis.width);
    SINKSCOPE_TRY(EigenPairs pairs, leadingEigenpairs(products, std::min(basis.components, basis.width), context));
    keep(basis, pairs.values, std::move(pairs.vectors), kFloatRank);
    return {};
}

Result<void> solveRandomized(MatrixSource& source, PrincipalComponents& basis, std::uint64_t seed, ThreadTeam& team, const JobContext& context) {
    SINKSCOPE_TRY(Moments moments, momentsOf(source, basis.centred, false, team, context));
    basis.passes = 1;
    basis.solver = PcaSolver::Randomized;
    basis.mean = moments.mean;
    basis.total = moments.total;
    if (!moments.varies()) {
        keepNothing(basis);
        return {};
    }
    const Frame frame = aboutMean(moments);
    const auto count = std::min<Eigen::Index>(kDirections, std::min<Eigen::Index>(basis.width, source.rows()));
    const Eigen::Index wanted = std::min<Eigen::Index>(basis.components, count);
    Matrix directions = randomDirections(basis.width, count, seed);
    for (int step = 0; step < kMostSteps; ++step) {
        SINKSCOPE_TRY(const Matrix image, normalProduct(source, frame, directions, team, context));
        ++basis.passes;
        // Rayleigh-Ritz: the best eigenpairs that the followed directions contain, and how far they are from being some.
        SINKSCOPE_TRY(const EigenPairs pairs, leadingEigenpairs(directions.transpose() * image, count, context));
        const Matrix axes = directions * pairs.vectors, residuals = image * pairs.vectors - axes * pairs.values.asDiagonal();
        bool settled = true;
        for (Eigen::Index k = 0; k < wanted; ++k)
            settled = settled && residuals.col(k).norm() <= kResidual * std::max(pairs.values[k], 1e-2 * pairs.values[0]);
        if (settled || step + 1 == kMostSteps) {
            const double back = 1.0 / static_cast<double>(frame.scale);
            keep(basis, pairs.values * back * back, axes, kFloatRank);
            return {};
        }
        directions = orthonormal(image);
    }
    return {};
}

} // namespace sinkscope::pca
