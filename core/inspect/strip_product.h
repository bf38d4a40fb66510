// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/math/spectral/block_lanczos.h"

#include <cstddef>

/// Products of some rows of a matrix, [rows, columns], with blocks of kLanczosBlock vectors, in double: the squares of singular values that are
/// a thousandth of the largest would drown in the rounding of floats. Compiled for several instruction sets.
namespace sinkscope::strip {

/// y[r] = sum over c of a[r, c] x[c]; x is [columns, block], y [rows, block].
void times(const double* a, std::size_t rows, std::size_t columns, const double* x, double* y);
/// z[c] += sum over r of a[r, c] y[r]; z is [columns, block].
void addTransposedTimes(const double* a, std::size_t rows, std::size_t columns, const double* y, double* z);

} // namespace sinkscope::strip
