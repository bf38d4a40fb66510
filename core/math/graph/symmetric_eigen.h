// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <span>
#include <vector>

namespace sinkscope {

/// Eigenvalues of a dense symmetric matrix [size, size] in ascending order; only its lower triangle is read. Nothing when an entry is not
/// finite or the iteration did not converge. The same bits in every run and thread; about size^3 steps. Thread: any, like all that follows.
std::optional<std::vector<double>> symmetricEigenvalues(std::span<const double> matrix, int size);

struct SymmetricModes {
    std::vector<double> values;  ///< [size] ascending
    std::vector<double> vectors; ///< [size, size]: row m is the unit vector of value m
};
std::optional<SymmetricModes> symmetricModes(std::span<const double> matrix, int size);

struct LeadingMode {
    double value = 0, next = 0; ///< the two largest eigenvalues
    std::vector<double> vector; ///< unit vector of the largest; its sum is at least 0
};
/// The largest eigenvalue with its vector, for the price of the values. When `next` equals `value` the vector is any one of their space.
/// Nothing for fewer than two rows, too.
std::optional<LeadingMode> leadingMode(std::span<const double> matrix, int size);

} // namespace sinkscope
