// SPDX-License-Identifier: Apache-2.0
// Principal components: exact, in double precision, with signs that do not depend on the solver.
#include "core/math/projection_spec.h"

#include <Eigen/Dense>
#include <Spectra/SymEigsSolver.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace sinkscope::registry_projections {
namespace {

using Matrix = Eigen::MatrixXd;
using Vector = Eigen::VectorXd;

/// Up to this size of the smaller side the whole spectrum is computed; beyond it, only the few leading components.
constexpr Eigen::Index kDenseSide = 384;
/// Eigenvalues below this share of the largest are rounding.
constexpr double kRankTolerance = 1e-13;

struct Components {
    Vector values; ///< falling, sums of squares
    Matrix axes;   ///< [width, k], unit columns
};

struct Stopped {}; // leaves the solver when the job is cancelled; never leaves this file

/// v -> X^T X v or X X^T v, without ever forming the product.
class GramOperator {
public:
    using Scalar = double;
    GramOperator(const Matrix& data, bool overColumns, const JobContext& context)
        : m_data(data), m_overColumns(overColumns), m_context(context) {}
    [[nodiscard]] Eigen::Index rows() const { return m_overColumns ? m_data.cols() : m_data.rows(); }
    [[nodiscard]] Eigen::Index cols() const { return rows(); }
    void perform_op(const double* in, double* out) const { // the name that Spectra calls
        if (m_context.cancelled())
            throw Stopped{};
        const Eigen::Map<const Vector> x(in, rows());
        Eigen::Map<Vector> y(out, rows());
        if (m_overColumns)
            y.noalias() = m_data.transpose() * (m_data * x);
        else
            y.noalias() = m_data * (m_data.transpose() * x);
    }

private:
    const Matrix& m_data;
    bool m_overColumns;
    const JobContext& m_context;
};

/// Leading eigenpairs of the Gram matrix of the smaller side, all of them.
std::pair<Vector, Matrix> denseSpectrum(const Matrix& data, bool overColumns, Eigen::Index wanted) {
    const Matrix gram = overColumns ? Matrix(data.transpose() * data) : Matrix(data * data.transpose());
    const Eigen::SelfAdjointEigenSolver<Matrix> solver(gram);
    return {solver.eigenvalues().reverse().head(wanted), solver.eigenvectors().rowwise().reverse().leftCols(wanted)};
}

/// The same for the leading ones only; falls back on all of them when the iteration does not settle.
std::pair<Vector, Matrix> leadingSpectrum(const Matrix& data, bool overColumns, Eigen::Index wanted, const JobContext& context) {
    GramOperator product(data, overColumns, context);
    const auto basis = static_cast<int>(std::min<Eigen::Index>(product.rows(), 40));
    Spectra::SymEigsSolver<GramOperator> solver(product, static_cast<int>(wanted), basis);
    Vector start(product.rows()); // fixed, so that equal data give equal coordinates
    for (Eigen::Index i = 0; i < start.size(); ++i)
        start[i] = 1.0 + std::sin(static_cast<double>(i) * 0.7);
    solver.init(start.data());
    const auto found = solver.compute(Spectra::SortRule::LargestAlge, 2000, 1e-12);
    if (solver.info() != Spectra::CompInfo::Successful || found < wanted)
        return denseSpectrum(data, overColumns, wanted);
    return {solver.eigenvalues(), solver.eigenvectors()};
}

/// Whatever the solver returned, the loading of largest magnitude is made positive.
void fixSign(Eigen::Ref<Vector> axis) {
    Eigen::Index largest = 0;
    axis.cwiseAbs().maxCoeff(&largest);
    if (axis[largest] < 0)
        axis = -axis;
}

Components componentsOf(const Matrix& data, Eigen::Index wanted, const JobContext& context) {
    const bool overColumns = data.cols() <= data.rows();
    const Eigen::Index side = std::min(data.cols(), data.rows());
    wanted = std::min(wanted, side);
    auto [values, vectors] = side <= kDenseSide ? denseSpectrum(data, overColumns, wanted)
                                                : leadingSpectrum(data, overColumns, wanted, context);
    Components components{values, Matrix::Zero(data.cols(), wanted)};
    for (Eigen::Index k = 0; k < wanted; ++k) {
        if (values[k] <= kRankTolerance * std::max(values[0], 0.0)) {
            components.values[k] = 0;
            continue;
        }
        components.axes.col(k) = overColumns ? Vector(vectors.col(k)) : Vector((data.transpose() * vectors.col(k)).normalized());
        fixSign(components.axes.col(k));
    }
    return components;
}

std::string axisLabel(int component, double share, bool varies) {
    char text[48];
    if (!varies)
        std::snprintf(text, sizeof text, "PC%d (no variance)", component);
    else
        std::snprintf(text, sizeof text, share < 0.0995 && share > 0 ? "PC%d %.1f %%" : "PC%d %.0f %%", component, share * 100);
    return text;
}

Result<void> checkArguments(std::span<const float> data, int points, int width, const ProjectionOptions& options) {
    if (options.dimensions < 2 || options.dimensions > 3)
        return Error{ErrorCode::InvalidArgument, std::to_string(options.dimensions) + " dimensions; 2 or 3 can be drawn", {}};
    if (points < 2 || width < 1)
        return Error{ErrorCode::InvalidArgument, "principal components need at least 2 points, there are " + std::to_string(points), {}};
    SINKSCOPE_ASSERT(data.size() == static_cast<std::size_t>(points) * static_cast<std::size_t>(width));
    if (!std::ranges::all_of(data, [](float value) { return std::isfinite(value); }))
        return Error{ErrorCode::NotFinite, "the vectors hold NaN or infinity", {}};
    return {};
}

Result<std::shared_ptr<const Projection>> projectPca(std::span<const float> data, int points, int width,
                                                     const ProjectionOptions& options, JobContext& context) {
    SINKSCOPE_CHECK(checkArguments(data, points, width, options));
    SINKSCOPE_CHECK(context.checkpoint());
    using RowMajor = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
    Matrix centred = Eigen::Map<const RowMajor>(data.data(), points, width).cast<double>();
    if (options.centred)
        centred.rowwise() -= centred.colwise().mean().eval();
    const double total = centred.squaredNorm();
    // The mean of equal numbers is not exact: what is left of them is rounding, no variance.
    const double scale = Eigen::Map<const RowMajor>(data.data(), points, width).cast<double>().squaredNorm();
    const bool varies = total > 1e-24 * scale;
    auto projection = std::make_shared<Projection>();
    projection->points = points;
    projection->dimensions = options.dimensions;
    projection->coordinates.assign(static_cast<std::size_t>(points) * static_cast<std::size_t>(options.dimensions), 0.0F);
    projection->quality["total_variance"] = varies ? total / (options.centred ? points - 1 : points) : 0.0;
    Components components;
    try {
        components = varies ? componentsOf(centred, options.dimensions, context) : Components{};
    } catch (const Stopped&) {
        return Error{ErrorCode::Cancelled, "stopped on request", {}};
    }
    const Matrix coordinates = varies ? Matrix(centred * components.axes) : Matrix(points, 0);
    for (int k = 0; k < options.dimensions; ++k) {
        const double share = k < components.values.size() ? components.values[k] / total : 0.0;
        projection->axisLabels.push_back(axisLabel(k + 1, share, varies));
        projection->quality["explained_variance_" + std::to_string(k + 1)] = share;
        for (int point = 0; k < coordinates.cols() && point < points; ++point)
            projection->coordinates[static_cast<std::size_t>(point) * static_cast<std::size_t>(options.dimensions) +
                                    static_cast<std::size_t>(k)] = static_cast<float>(coordinates(point, k));
    }
    context.progress(1.0, "projected");
    return std::shared_ptr<const Projection>(std::move(projection));
}

} // namespace

extern const ProjectionSpec pca;
const ProjectionSpec pca{.id = "pca", .title = "PCA", .project = projectPca};

} // namespace sinkscope::registry_projections
