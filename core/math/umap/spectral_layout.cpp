// SPDX-License-Identifier: Apache-2.0
#include "core/math/umap/spectral_layout.h"

#include <Eigen/Eigenvalues>
#include <Eigen/Sparse>
#include <Spectra/MatOp/SparseSymMatProd.h>
#include <Spectra/SymEigsSolver.h>

#include <algorithm>
#include <cmath>
#include <random>

namespace sinkscope {
namespace {

/// Below this the dense solver is faster than setting up an iteration.
constexpr int kDensePoints = 400;
constexpr double kExtent = 10.0;
constexpr double kNoise = 1e-4;

using Sparse = Eigen::SparseMatrix<double>;

/// D^-1/2 W D^-1/2; its largest eigenvalues are 1 minus the smallest ones of the Laplacian.
Sparse normalizedAdjacency(const FuzzyGraph& graph) {
    std::vector<double> scale(static_cast<std::size_t>(graph.points), 0.0);
    for (std::size_t i = 0; i < scale.size(); ++i) {
        double degree = 0;
        for (auto e = graph.rowBegin[i]; e < graph.rowBegin[i + 1]; ++e)
            degree += graph.weight[static_cast<std::size_t>(e)];
        scale[i] = degree > 0 ? 1 / std::sqrt(degree) : 0.0;
    }
    std::vector<Eigen::Triplet<double>> entries;
    entries.reserve(graph.weight.size());
    for (std::size_t i = 0; i < scale.size(); ++i)
        for (auto e = graph.rowBegin[i]; e < graph.rowBegin[i + 1]; ++e) {
            const auto at = static_cast<std::size_t>(e);
            const auto j = static_cast<std::size_t>(graph.column[at]);
            entries.emplace_back(static_cast<int>(i), graph.column[at], graph.weight[at] * scale[i] * scale[j]);
        }
    Sparse matrix(graph.points, graph.points);
    matrix.setFromTriplets(entries.begin(), entries.end());
    return matrix;
}

/// Columns by falling eigenvalue, the trivial one first.
std::optional<Eigen::MatrixXd> leadingVectors(const Sparse& matrix, int count) {
    if (matrix.rows() <= kDensePoints) {
        const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver{Eigen::MatrixXd(matrix)};
        if (solver.info() != Eigen::Success)
            return std::nullopt;
        return solver.eigenvectors().rowwise().reverse().leftCols(count);
    }
    Spectra::SparseSymMatProd<double> product(matrix);
    Spectra::SymEigsSolver<Spectra::SparseSymMatProd<double>> solver(product, count, std::max(2 * count + 1, 30));
    solver.init();
    const auto converged = solver.compute(Spectra::SortRule::LargestAlge, 1000, 1e-4);
    if (solver.info() != Spectra::CompInfo::Successful || converged < count)
        return std::nullopt;
    return solver.eigenvectors(count);
}

} // namespace

std::optional<std::vector<double>> spectralLayout(const FuzzyGraph& graph, int dimensions) {
    if (graph.points <= dimensions + 1 || componentsOf(graph) != 1)
        return std::nullopt;
    const auto vectors = leadingVectors(normalizedAdjacency(graph), dimensions + 1);
    if (!vectors)
        return std::nullopt;
    std::vector<double> layout(static_cast<std::size_t>(graph.points) * dimensions);
    for (int d = 0; d < dimensions; ++d) {
        const auto column = vectors->col(d + 1);
        Eigen::Index largest = 0;
        column.cwiseAbs().maxCoeff(&largest);
        const double sign = column(largest) < 0 ? -1 : 1;
        for (int i = 0; i < graph.points; ++i)
            layout[static_cast<std::size_t>(i) * dimensions + d] = sign * column(i);
    }
    return layout;
}

std::vector<float> scaledLayout(std::vector<double> layout, int points, int dimensions, std::uint64_t seed) {
    double largest = 0;
    for (const double value : layout)
        largest = std::max(largest, std::abs(value));
    std::mt19937_64 random(seed);
    std::normal_distribution<double> noise(0.0, kNoise);
    for (double& value : layout)
        value = value * (largest > 0 ? kExtent / largest : 0.0) + noise(random);
    std::vector<float> result(layout.size());
    for (int d = 0; d < dimensions; ++d) {
        double low = layout[static_cast<std::size_t>(d)], high = low;
        for (int i = 0; i < points; ++i) {
            low = std::min(low, layout[static_cast<std::size_t>(i) * dimensions + d]);
            high = std::max(high, layout[static_cast<std::size_t>(i) * dimensions + d]);
        }
        for (int i = 0; i < points; ++i) {
            const std::size_t at = static_cast<std::size_t>(i) * dimensions + d;
            result[at] = high > low ? static_cast<float>(kExtent * (layout[at] - low) / (high - low)) : 0.0F;
        }
    }
    return result;
}

} // namespace sinkscope
