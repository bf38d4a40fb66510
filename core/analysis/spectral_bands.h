// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/analysis/feature_family.h"

#include <Eigen/Core>

#include <mutex>

namespace sinkscope {

/// Right singular directions of a matrix in the width of the model, as columns by falling singular value. Made once for a matrix and kept for the next call.
/// Thread: any.
class SpectralBasis {
public:
    /// `widthIsRows`: the matrix is [width, vocabulary], else [vocabulary, width].
    std::shared_ptr<const Eigen::MatrixXf> of(const std::shared_ptr<const WeightMatrix>& matrix, bool widthIsRows);

private:
    std::mutex m_mutex;
    std::weak_ptr<const WeightMatrix> m_owner;
    std::shared_ptr<const Eigen::MatrixXf> m_basis;
};

inline constexpr ParameterSpec kBandParameters[] = {
    {.id = "bands", .title = "Bands", .explanation = "Number of equal parts that the singular directions are cut into.", .low = 2, .high = 100, .standard = 20,
     .integer = true},
};
/// Shares of |h|^2 in the band of the smallest singular values of the first token and in the mean over the others, then the same of the band of the largest:
/// four values. Tokens of length 0 are left out.
void bandShares(const HeadVectors& hidden, const Eigen::MatrixXf& basis, int bands, std::span<double> values);
/// The same of a layer in the bands of `matrix`; no values where the model has none, or for a sample that is too short.
Result<void> evaluateBands(const LayerEvidence& evidence, const Result<std::shared_ptr<const WeightMatrix>>& matrix, SpectralBasis& basis, bool widthIsRows,
                           FamilyParameters parameters, std::span<double> values);

} // namespace sinkscope
