// SPDX-License-Identifier: Apache-2.0
#include "core/math/umap/spectral_layout.h"

#include <Eigen/Eigenvalues>
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

/// v -> D^-1/2 W D^-1/2 v; its largest eigenvalues are 1 minus the smallest ones of the Laplacian. On all threads of the team.
class NormalizedAdjacency {
public:
    using Scalar = double;
    NormalizedAdjacency(const FuzzyGraph& graph, ThreadTeam& team, const JobContext& context)
        : m_graph(graph), m_team(team), m_context(context), m_scale(static_cast<std::size_t>(graph.points)), m_scaled(m_scale.size()) {
        for (std::size_t i = 0; i < m_scale.size(); ++i) {
            double degree = 0;
            for (auto e = graph.rowBegin[i]; e < graph.rowBegin[i + 1]; ++e)
                degree += graph.weight[static_cast<std::size_t>(e)];
            m_scale[i] = degree > 0 ? 1 / std::sqrt(degree) : 0.0;
        }
    }
    [[nodiscard]] Eigen::Index rows() const { return m_graph.points; }
    [[nodiscard]] Eigen::Index cols() const { return m_graph.points; }
    void perform_op(const double* in, double* out) const { // the name that Spectra calls
        for (std::size_t i = 0; i < m_scale.size(); ++i)
            m_scaled[i] = in[i] * m_scale[i];
        const auto rows = [&](std::size_t slice, int) {
            for (std::size_t i = slice * kSlice; i < std::min(m_scale.size(), (slice + 1) * kSlice); ++i) {
                double sum = 0;
                for (auto e = static_cast<std::size_t>(m_graph.rowBegin[i]); e < static_cast<std::size_t>(m_graph.rowBegin[i + 1]); ++e)
                    sum += m_graph.weight[e] * m_scaled[static_cast<std::size_t>(m_graph.column[e])];
                out[i] = sum * m_scale[i];
            }
        };
        if (!m_team.run((m_scale.size() + kSlice - 1) / kSlice, rows, m_context))
            throw Stopped{};
    }
    [[nodiscard]] Eigen::MatrixXd dense() const {
        Eigen::MatrixXd matrix = Eigen::MatrixXd::Zero(rows(), rows());
        for (std::size_t i = 0; i < m_scale.size(); ++i)
            for (auto e = static_cast<std::size_t>(m_graph.rowBegin[i]); e < static_cast<std::size_t>(m_graph.rowBegin[i + 1]); ++e)
                matrix(static_cast<Eigen::Index>(i), m_graph.column[e]) = m_graph.weight[e] * m_scale[i] * m_scale[static_cast<std::size_t>(m_graph.column[e])];
        return matrix;
    }
    struct Stopped {}; ///< leaves the solver when the job is cancelled; never leaves this file

private:
    static constexpr std::size_t kSlice = 2048;
    const FuzzyGraph& m_graph;
    ThreadTeam& m_team;
    const JobContext& m_context;
    std::vector<double> m_scale;
    mutable std::vector<double> m_scaled;
};

/// Columns by falling eigenvalue, the trivial one first.
std::optional<Eigen::MatrixXd> leadingVectors(NormalizedAdjacency& matrix, int count) {
    if (matrix.rows() <= kDensePoints) {
        const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver{matrix.dense()};
        if (solver.info() != Eigen::Success)
            return std::nullopt;
        return solver.eigenvectors().rowwise().reverse().leftCols(count);
    }
    Spectra::SymEigsSolver<NormalizedAdjacency> solver(matrix, count, std::max(2 * count + 1, 30));
    solver.init();
    const auto converged = solver.compute(Spectra::SortRule::LargestAlge, 1000, 1e-4);
    if (solver.info() != Spectra::CompInfo::Successful || converged < count)
        return std::nullopt;
    return solver.eigenvectors(count);
}

} // namespace

Result<std::optional<std::vector<double>>> spectralLayout(const FuzzyGraph& graph, int dimensions, ThreadTeam& team, const JobContext& context) {
    using Layout = std::optional<std::vector<double>>;
    if (graph.points <= dimensions + 1 || componentsOf(graph) != 1)
        return Layout();
    std::optional<Eigen::MatrixXd> vectors;
    try {
        NormalizedAdjacency matrix(graph, team, context);
        vectors = leadingVectors(matrix, dimensions + 1);
    } catch (const NormalizedAdjacency::Stopped&) {
        return Error{ErrorCode::Cancelled, "stopped on request", {}};
    }
    if (!vectors)
        return Layout();
    std::vector<double> layout(static_cast<std::size_t>(graph.points) * static_cast<std::size_t>(dimensions));
    for (int d = 0; d < dimensions; ++d) {
        const auto column = vectors->col(d + 1);
        Eigen::Index largest = 0;
        column.cwiseAbs().maxCoeff(&largest);
        const double sign = column(largest) < 0 ? -1 : 1;
        for (int i = 0; i < graph.points; ++i)
            layout[static_cast<std::size_t>(i) * static_cast<std::size_t>(dimensions) + static_cast<std::size_t>(d)] = sign * column(i);
    }
    return Layout(std::move(layout));
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
