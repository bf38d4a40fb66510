// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/simd.h"

#include <bit>
#include <cstdint>
#include <numbers>

namespace sinkscope::simd {

/// x = 2^k f with f in [sqrt(1/2), sqrt(2)).
struct Parts {
    double k = 0, f = 0;
};

SINKSCOPE_INLINE Parts partsOf(double x) {
    constexpr std::uint64_t kOne = 0x3ff0000000000000, kRootHalf = 0x3fe6a09e667f3bcd, kTwoTo52 = 0x4330000000000000;
    const double positive = x > 1e-300 ? x : 1e-300;
    const auto bits = std::bit_cast<std::uint64_t>(positive);
    const std::uint64_t exponent = (bits + (kOne - kRootHalf)) >> 52; // k + 1023
    // There is no vector instruction from 64-bit integers to doubles before AVX-512: put the number into the mantissa of 2^52.
    const double k = std::bit_cast<double>(exponent | kTwoTo52) - (4503599627370496.0 + 1023.0);
    return {k, std::bit_cast<double>(bits - (exponent << 52) + kOne)};
}

/// k log 2 + 2 atanh(s).
SINKSCOPE_INLINE double fromParts(double k, double s) {
    const double z = s * s;
    double p = z * (1.0 / 17) + 1.0 / 15;
    p = p * z + 1.0 / 13;
    p = p * z + 1.0 / 11;
    p = p * z + 1.0 / 9;
    p = p * z + 1.0 / 7;
    p = p * z + 1.0 / 5;
    p = p * z + 1.0 / 3;
    return k * std::numbers::ln2 + 2 * s * (p * z + 1);
}

/// Natural logarithm to about 1e-14 relative to max(1, |log x|), written so that loops over it are vectorised without a library. Arguments
/// below 1e-300 count as 1e-300, so that x log x is 0 at 0. log f = 2 atanh((f-1)/(f+1)).
SINKSCOPE_INLINE double logarithm(double x) {
    const Parts parts = partsOf(x);
    return fromParts(parts.k, (parts.f - 1) / (parts.f + 1));
}

/// x log x + y log y of each, added to two sums: one division for both logarithms, which is what they wait for.
SINKSCOPE_INLINE void addProducts(double x, double y, double& sumX, double& sumY) {
    const Parts a = partsOf(x), b = partsOf(y);
    const double inverse = 1 / ((a.f + 1) * (b.f + 1));
    sumX += x * fromParts(a.k, (a.f - 1) * ((b.f + 1) * inverse));
    sumY += y * fromParts(b.k, (b.f - 1) * ((a.f + 1) * inverse));
}

} // namespace sinkscope::simd
