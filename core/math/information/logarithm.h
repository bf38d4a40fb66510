// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/simd.h"

#include <bit>
#include <cstdint>
#include <numbers>

namespace sinkscope::simd {

using Doubles = double __attribute__((vector_size(64)));
using DoubleBits = std::uint64_t __attribute__((vector_size(64)));

/// Constants that split the bits of a number into x = 2^k f with f in [sqrt(1/2), sqrt(2)). There is no vector instruction from 64-bit integers to
/// doubles before AVX-512: k + 1023 is put into the mantissa of 2^52.
inline constexpr std::uint64_t kRootHalfBits = 0x3fe6a09e667f3bcd, kToOneBits = 0x3ff0000000000000 - kRootHalfBits, kMantissaBits = 0x000fffffffffffff,
                               kTwoTo52Bits = 0x4330000000000000;
inline constexpr double kTwoTo52AndBias = 4503599627370496.0 + 1023.0;

/// k + log2((1 + s) / (1 - s)) for |s| up to 0.1716 = (sqrt(2) - 1) / (sqrt(2) + 1): k + s P(s^2), Chebyshev fit of 2 atanh(s) / (s log 2), error below 1.4e-14.
template <typename Real> SINKSCOPE_INLINE void logarithm2OfParts(Real& result, const Real& k, const Real& s) {
    const Real z = s * s;
    Real p = z * 0.28288718263073564 + 0.31990666089114740;
    p = p * z + 0.41220922733052444;
    p = p * z + 0.57707794263026180;
    p = p * z + 0.96179669411235945;
    p = p * z + 2.88539008177785058;
    result = p * s + k;
}

/// Natural logarithm to about 1e-14 relative to max(1, |log x|), written so that loops over it are vectorised without a library. Arguments
/// below 1e-300 count as 1e-300, so that x log x is 0 at 0.
SINKSCOPE_INLINE double logarithm(double x) {
    const std::uint64_t bits = std::bit_cast<std::uint64_t>(x > 1e-300 ? x : 1e-300) + kToOneBits;
    const double k = std::bit_cast<double>((bits >> 52) | kTwoTo52Bits) - kTwoTo52AndBias, f = std::bit_cast<double>((bits & kMantissaBits) + kRootHalfBits);
    double result;
    logarithm2OfParts(result, k, (f - 1) / (f + 1));
    return result * std::numbers::ln2;
}

SINKSCOPE_INLINE void splitNumbers(const Doubles& x, Doubles& k, Doubles& f) {
    const DoubleBits bits = reinterpret_cast<DoubleBits>(x) + kToOneBits;
    k = reinterpret_cast<Doubles>((bits >> 52) | kTwoTo52Bits) - kTwoTo52AndBias;
    f = reinterpret_cast<Doubles>((bits & kMantissaBits) + kRootHalfBits);
}

/// Adds x log2 x, for x of at least 1e-300, to a sum.
SINKSCOPE_INLINE void addProduct(const Doubles& x, Doubles& sum) {
    Doubles k, f, logarithm;
    splitNumbers(x, k, f);
    logarithm2OfParts(logarithm, k, (f - 1.0) / (f + 1.0));
    sum += x * logarithm;
}

/// The same for two: one division for both logarithms, which is what they wait for.
SINKSCOPE_INLINE void addProducts(const Doubles& x, const Doubles& y, Doubles& sumX, Doubles& sumY) {
    Doubles kX, fX, kY, fY, logarithm;
    splitNumbers(x, kX, fX);
    splitNumbers(y, kY, fY);
    const Doubles upX = fX + 1.0, upY = fY + 1.0, inverse = 1.0 / (upX * upY);
    logarithm2OfParts(logarithm, kX, (fX - 1.0) * (upY * inverse));
    sumX += x * logarithm;
    logarithm2OfParts(logarithm, kY, (fY - 1.0) * (upX * inverse));
    sumY += y * logarithm;
}

} // namespace sinkscope::simd
