// SPDX-License-Identifier: Apache-2.0
#include "core/math/alignment/procrustes.h"

#include <Eigen/Dense>

#include <algorithm>
#include <cmath>
#include <string>

namespace sinkscope {
namespace {

using RowMajor = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using Matrix = Eigen::MatrixXd;
using Row = Eigen::RowVectorXd;

Result<void> checkClouds(std::span<const float> moving, std::span<const float> target, int dimensions) {
    if (dimensions < 1 || target.empty() || target.size() % static_cast<std::size_t>(dimensions) != 0)
        return Error{ErrorCode::InvalidArgument, "no points to align with", {}};
    if (moving.size() != target.size())
        return Error{ErrorCode::InvalidArgument,
                     std::to_string(moving.size() / static_cast<std::size_t>(dimensions)) + " points cannot be aligned with " +
                         std::to_string(target.size() / static_cast<std::size_t>(dimensions)) + " others",
                     {}};
    const auto finite = [](float value) { return std::isfinite(value); };
    if (!std::ranges::all_of(moving, finite) || !std::ranges::all_of(target, finite))
        return Error{ErrorCode::NotFinite, "the points to align hold NaN or infinity", {}};
    return {};
}

Matrix matrixOf(std::span<const float> points, int dimensions) {
    return Eigen::Map<const RowMajor>(points.data(), static_cast<Eigen::Index>(points.size()) / dimensions, dimensions).cast<double>();
}

std::vector<double> listOf(const Row& row) { return {row.data(), row.data() + row.size()}; }

/// Rotation and scale for two centred clouds.
void solve(const Matrix& moving, const Matrix& target, const ProcrustesOptions& options, Alignment& alignment) {
    const Matrix product = moving.transpose() * target;
    const Eigen::JacobiSVD<Matrix> svd(product, Eigen::ComputeFullU | Eigen::ComputeFullV);
    Matrix left = svd.matrixU();
    Eigen::VectorXd values = svd.singularValues();
    const double determinant = left.determinant() * svd.matrixV().determinant();
    if (determinant < 0 && !options.reflection) {
        left.col(left.cols() - 1) *= -1;
        values[values.size() - 1] *= -1;
    }
    alignment.reflected = determinant < 0 && options.reflection;
    const Matrix rotation = left * svd.matrixV().transpose();
    alignment.rotation.resize(static_cast<std::size_t>(rotation.size()));
    Eigen::Map<Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>>(alignment.rotation.data(), rotation.rows(),
                                                                                       rotation.cols()) = rotation;
    const double size = moving.squaredNorm();
    if (options.scaling && size > 0)
        alignment.scale = std::max(values.sum(), 0.0) / size;
    const double spread = (target.rowwise() - target.colwise().mean().eval()).squaredNorm();
    if (spread > 0)
        alignment.residual = std::sqrt((alignment.scale * moving * rotation - target).squaredNorm() / spread);
}

} // namespace

std::vector<float> Alignment::apply(std::span<const float> points) const {
    const Matrix turn = Eigen::Map<const Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>>(rotation.data(), dimensions,
                                                                                                               dimensions);
    const Row start = Eigen::Map<const Row>(from.data(), dimensions), end = Eigen::Map<const Row>(to.data(), dimensions);
    const Matrix moved = ((scale * (matrixOf(points, dimensions).rowwise() - start)) * turn).rowwise() + end;
    std::vector<float> result(points.size());
    Eigen::Map<RowMajor>(result.data(), moved.rows(), moved.cols()) = moved.cast<float>();
    return result;
}

Result<Alignment> procrustes(std::span<const float> moving, std::span<const float> target, int dimensions, const ProcrustesOptions& options) {
    SINKSCOPE_CHECK(checkClouds(moving, target, dimensions));
    Matrix from = matrixOf(moving, dimensions), to = matrixOf(target, dimensions);
    Row start = Row::Zero(dimensions), end = Row::Zero(dimensions);
    if (options.translation) {
        start = from.colwise().mean();
        end = to.colwise().mean();
        from.rowwise() -= start;
        to.rowwise() -= end;
    }
    Alignment alignment;
    alignment.dimensions = dimensions;
    alignment.from = listOf(start);
    alignment.to = listOf(end);
    solve(from, to, options, alignment);
    return alignment;
}

} // namespace sinkscope
