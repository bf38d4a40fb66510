// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <span>
#include <vector>

namespace sinkscope {

/// Eigenvectors of a dense symmetric matrix; values alone are cheaper by core/math/spectral/symmetric_eigenvalues.h.
struct SymmetricModes {
    std::vector<double> values;  ///< [size] ascending
    std::vector<double> vectors; ///< [size, size]: row m is the unit vector of value m
};
/// `matrix` [size, size]. Nothing when an entry is not finite or the iteration did not converge. About 10 size^3 steps. Thread: any.
std::optional<SymmetricModes> symmetricModes(std::span<const double> matrix, int size);

struct LeadingMode {
    double value = 0, next = 0; ///< the two largest eigenvalues
    std::vector<double> vector; ///< unit vector of the largest; its sum is at least 0
};
/// The largest eigenvalue with its vector, for little more than the price of the values: inverse iteration. The vector is good to 1e-9 when
/// the two values differ by 1e-7 of the first, and any one of their space when they are equal. Nothing as above, for fewer than two rows,
/// and for a matrix of zeros.
std::optional<LeadingMode> leadingMode(std::span<const double> matrix, int size);

} // namespace sinkscope
