// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/math/spectral/tridiagonal.h"

namespace sinkscope {

/// Up to this size both triangles of a matrix stay close enough to the processor that updating them both, without sums across registers, is faster
/// than updating one.
inline constexpr std::size_t kLargestSmallReduction = 80;

/// `tridiagonalForm`, for small matrices: fills all of a form whose `reflections` hold the lower triangle and whose `scale` is known. Thread: any.
void reduceSmall(TridiagonalForm& form);

} // namespace sinkscope
