// SPDX-License-Identifier: Apache-2.0
#include "core/math/geometry/cloud_shape.h"

#include <Eigen/Eigenvalues>

#include <algorithm>
#include <cmath>

namespace sinkscope {

namespace {

CloudShape shapeOf(const Eigen::MatrixXd& gram) {
    const Eigen::VectorXd values = Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd>(gram, Eigen::EigenvaluesOnly).eigenvalues().cwiseMax(0.0);
    const double total = values.sum();
    if (!(total > 0))
        return {};
    double entropy = 0;
    for (const double value : values)
        if (const double share = value / total; share > 0)
            entropy -= share * std::log(share);
    return {.effectiveRank = std::exp(std::max(entropy, 0.0)), .anisotropy = values.maxCoeff() / total,
            .participationRatio = total * total / values.squaredNorm()};
}

} // namespace

CloudShape cloudShape(std::span<const float> vectors, int rows, int width) {
    using Matrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
    const Eigen::MatrixXd data = Eigen::Map<const Matrix>(vectors.data(), rows, width).cast<double>();
    const Eigen::MatrixXd gram = rows <= width ? Eigen::MatrixXd(data * data.transpose()) : Eigen::MatrixXd(data.transpose() * data);
    return shapeOf(gram);
}

CloudShape cloudShapeOfProducts(std::span<const double> products, int width) {
    return shapeOf(Eigen::Map<const Eigen::MatrixXd>(products.data(), width, width));
}

} // namespace sinkscope
