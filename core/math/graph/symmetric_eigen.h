// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <span>
#include <vector>

namespace sinkscope {

/// All eigenvectors of a dense symmetric matrix; values alone, or one vector, are cheaper by core/math/spectral.
struct SymmetricModes {
    std::vector<double> values;  ///< [size] ascending
    std::vector<double> vectors; ///< [size, size]: row m is the unit vector of value m
};
/// `matrix` [size, size]. Nothing when an entry is not finite or the iteration did not converge. About 10 size^3 steps. Thread: any.
std::optional<SymmetricModes> symmetricModes(std::span<const double> matrix, int size);

} // namespace sinkscope
