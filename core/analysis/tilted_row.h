// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace sinkscope {

/// Sums over the weights a of a row, with d = a - largest.
struct TiltedRow {
    double weight = 0; ///< of exp(t d)
    double first = 0;  ///< of d exp(t d)
    double second = 0; ///< of d^2 exp(t d)
};
/// To about 1e-6 of themselves, for t >= 0. Vectorised for the processor it runs on. Thread: any.
TiltedRow tiltedRow(const float* row, int count, float largest, float t);

struct RowMoments {
    double mean = 0, variance = 0, third = 0; ///< the last two central, over the row
    float smallest = 0, largest = 0;
    int countOfLargest = 0;
};
/// NaN and infinity in the row show in the moments. `count` is at least 1. Thread: any.
RowMoments momentsOf(const float* row, int count);

} // namespace sinkscope
