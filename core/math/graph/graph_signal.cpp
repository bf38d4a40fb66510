// SPDX-License-Identifier: Apache-2.0
#include "core/math/graph/graph_signal.h"

#include "core/base/assert.h"
#include "core/math/graph/symmetric_eigen.h"

#include <Eigen/Core>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace sinkscope {
namespace {

constexpr double kZero = 1e-6; ///< eigenvalues below count as 0 for `connected`

std::vector<double> matrixOf(const SymmetricWeights& weights, SignalLaplacian kind) {
    if (kind == SignalLaplacian::None)
        return laplacianOf(weights);
    std::vector<double> matrix = normalizedAdjacency(weights, false);
    for (double& value : matrix)
        value = -value;
    for (int i = 0; i < weights.nodes; ++i)
        matrix[static_cast<std::size_t>(i) * weights.nodes + i] += 1;
    return matrix;
}

/// [nodes] Energy of each mode: |u_m' X|^2.
Eigen::VectorXd modeEnergies(const SymmetricWeights& weights, std::span<const float> signal, SignalLaplacian kind, const SymmetricModes& modes) {
    using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
    using RowMajorFloat = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
    const auto n = static_cast<Eigen::Index>(weights.nodes), width = static_cast<Eigen::Index>(signal.size()) / n;
    RowMajor values = Eigen::Map<const RowMajorFloat>(signal.data(), n, width).cast<double>();
    if (kind == SignalLaplacian::RandomWalk)
        for (Eigen::Index i = 0; i < n; ++i) {
            const double* row = &weights.values[static_cast<std::size_t>(i * n)];
            values.row(i) *= std::sqrt(std::accumulate(row, row + n, 0.0));
        }
    const RowMajor coefficients = Eigen::Map<const RowMajor>(modes.vectors.data(), n, n) * values;
    return coefficients.rowwise().squaredNorm();
}

} // namespace

std::optional<GraphSignal> graphSignal(const SymmetricWeights& weights, std::span<const float> signal, SignalLaplacian kind) {
    if (weights.nodes < 2)
        return std::nullopt;
    SINKSCOPE_ASSERT(signal.size() % static_cast<std::size_t>(weights.nodes) == 0);
    const auto modes = symmetricModes(matrixOf(weights, kind), weights.nodes);
    if (!modes)
        return std::nullopt;
    const Eigen::VectorXd energies = modeEnergies(weights, signal, kind, *modes);
    const double total = energies.sum();
    if (!(total > 0) || !std::isfinite(total))
        return std::nullopt;
    const std::vector<double>& values = modes->values;
    const int n = weights.nodes, tenth = 9 * n / 10, half = n / 2;
    GraphSignal result{.fiedler = std::max(values[1], 0.0), .largest = std::max(values.back(), 0.0)};
    result.connected = std::ranges::count_if(values, [](double value) { return value < kZero; }) == 1;
    for (int m = 0; m < n; ++m) {
        const double value = std::max(values[static_cast<std::size_t>(m)], 0.0), share = energies[m] / total;
        result.energy += value * energies[m];
        result.smoothness += value * share;
        result.entropy -= share > 0 ? share * std::log(share) : 0;
        result.highTenth += m >= tenth ? share : 0;
        result.highHalf += m >= half ? share : 0;
    }
    result.entropy = std::max(result.entropy, 0.0);
    result.relativeSmoothness = result.largest > 0 ? result.smoothness / result.largest : 0;
    return result;
}

} // namespace sinkscope
