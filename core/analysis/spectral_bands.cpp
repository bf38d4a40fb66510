// SPDX-License-Identifier: Apache-2.0
#include "core/analysis/spectral_bands.h"

#include "core/analysis/head_measures.h"

#include <Eigen/Eigenvalues>

#include <algorithm>

namespace sinkscope {
namespace {

using Matrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

} // namespace

std::shared_ptr<const Eigen::MatrixXf> SpectralBasis::of(const std::shared_ptr<const WeightMatrix>& matrix, bool widthIsRows) {
    const std::lock_guard lock(m_mutex);
    if (m_basis && m_owner.lock() == matrix)
        return m_basis;
    const Eigen::Map<const Matrix> all(matrix->values.data(), matrix->rows, matrix->columns);
    const Eigen::Index width = widthIsRows ? all.rows() : all.cols(), words = widthIsRows ? all.cols() : all.rows();
    Eigen::MatrixXd gram = Eigen::MatrixXd::Zero(width, width);
    constexpr Eigen::Index kBlock = 4096; // words at a time, added up in double precision
    for (Eigen::Index first = 0; first < words; first += kBlock) {
        const Eigen::Index count = std::min(kBlock, words - first);
        if (widthIsRows)
            gram += (all.middleCols(first, count) * all.middleCols(first, count).transpose()).cast<double>();
        else
            gram += (all.middleRows(first, count).transpose() * all.middleRows(first, count)).cast<double>();
    }
    const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(gram);
    m_basis = std::make_shared<const Eigen::MatrixXf>(solver.eigenvectors().rowwise().reverse().cast<float>());
    m_owner = matrix;
    return m_basis;
}

void bandShares(const HeadVectors& hidden, const Eigen::MatrixXf& basis, int bands, std::span<double> values) {
    const Eigen::Index width = basis.rows(), band = std::max<Eigen::Index>(1, width / bands);
    const Eigen::MatrixXd energy = (Eigen::Map<const Matrix>(hidden.values.data(), hidden.tokens, width) * basis).cast<double>().array().square().matrix();
    double dark = 0, bright = 0;
    int count = 0;
    for (int token = 0; token < hidden.tokens; ++token) {
        const double all = energy.row(token).sum();
        if (!(all > 0))
            continue;
        const double darkShare = energy.row(token).tail(band).sum() / all, brightShare = energy.row(token).head(band).sum() / all;
        if (token == 0) {
            values[0] = darkShare;
            values[2] = brightShare;
            continue;
        }
        dark += darkShare;
        bright += brightShare;
        ++count;
    }
    if (count > 0) {
        values[1] = dark / count;
        values[3] = bright / count;
    }
}

Result<void> evaluateBands(const LayerEvidence& evidence, const Result<std::shared_ptr<const WeightMatrix>>& matrix, SpectralBasis& basis, bool widthIsRows,
                           FamilyParameters parameters, std::span<double> values) {
    if (evidence.statistics.tokens < kShortestSample || (!matrix && matrix.error().code == ErrorCode::Unavailable))
        return {};
    if (!matrix)
        return matrix.error();
    bandShares(*evidence.hidden, *basis.of(*matrix, widthIsRows), static_cast<int>(parameters[0]), values);
    return {};
}

} // namespace sinkscope
