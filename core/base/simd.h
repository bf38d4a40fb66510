// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <cstdint>
#include <cstring>

/// Before a function: compiles it for several instruction sets and picks one when the program starts. Lambdas inside such a
/// function are not compiled for the better sets, so it must not use any. Sanitizers and clang get the plain version: the
/// choice runs before a sanitizer is ready.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define SINKSCOPE_CLONES __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define SINKSCOPE_CLONES
#endif
#define SINKSCOPE_INLINE inline __attribute__((always_inline))

namespace sinkscope::simd {

/// Sixteen floats, in as many registers as the instruction set needs. Passed by reference only: by value their calling
/// convention would depend on the instruction set.
inline constexpr std::size_t kLanes = 16;
using Floats = float __attribute__((vector_size(64)));
using Bits = std::int32_t __attribute__((vector_size(64)));

SINKSCOPE_INLINE void load(Floats& to, const float* from) { std::memcpy(&to, from, sizeof to); }
SINKSCOPE_INLINE void store(float* to, const Floats& from) { std::memcpy(to, &from, sizeof from); }
/// The last `count` < kLanes numbers of a row; the other lanes are `fill`.
SINKSCOPE_INLINE void loadPart(Floats& to, const float* from, std::size_t count, float fill) {
    to = Floats{} + fill;
    std::memcpy(&to, from, count * sizeof(float));
}
SINKSCOPE_INLINE void storePart(float* to, const Floats& from, std::size_t count) {
    std::memcpy(to, &from, count * sizeof(float));
}
SINKSCOPE_INLINE float sum(const Floats& x) {
    float lanes[kLanes];
    std::memcpy(lanes, &x, sizeof lanes);
    double total = 0;
    for (const float lane : lanes)
        total += lane;
    return static_cast<float>(total);
}

/// exp(x) to about one unit in the last place for x in [-87.3, 88]; 0 below, +infinity above, NaN for NaN.
/// x = n ln2 + r with |r| <= ln2/2 (Cody and Waite's two-part ln2), a degree-6 polynomial for e^r, and n put into the exponent.
SINKSCOPE_INLINE void exponential(Floats& result, const Floats& x) {
    constexpr float kLog2e = 1.44269504088896341f, kLn2High = 0.693145751953125f, kLn2Low = 1.42860682030941723e-6f;
    constexpr float kMagic = 12582912.0f; // 1.5 * 2^23: adding it rounds to an integer that then lies in the low bits
    const Floats shifted = x * kLog2e + kMagic;
    const Floats n = shifted - kMagic;
    const Floats r = (x - n * kLn2High) - n * kLn2Low;
    Floats p = r * 1.3814467e-3f + 8.3687805e-3f; // (e^r - 1 - r) / r^2, fitted for the smallest relative error of e^r
    p = p * r + 4.1668394e-2f;
    p = p * r + 1.6666520e-1f;
    p = p * r + 4.9999993e-1f;
    p = p * (r * r) + r + 1.0f;
    const Bits exponent = (reinterpret_cast<Bits>(shifted) << 23) + (127 << 23);
    const Floats value = p * reinterpret_cast<Floats>(exponent);
    const Floats zero{}, infinite = zero + __builtin_inff();
    result = x < -87.3f ? zero : (x > 88.0f ? infinite : value);
}

/// log2(x) for finite x > 0 (not denormal), absolute error below 1e-6. x = m 2^e with m in [sqrt(1/2), sqrt(2)), a polynomial for log2(m).
SINKSCOPE_INLINE void logarithm2(Floats& result, const Floats& x) {
    const Bits bits = reinterpret_cast<Bits>(x);
    const Bits exponent = (bits - 0x3f3504f3) >> 23; // 0x3f3504f3 is sqrt(1/2)
    const Bits mantissa = bits - (exponent << 23);
    const Floats t = reinterpret_cast<Floats>(mantissa) - 1.0f;
    Floats p = t * 0.172130747f - 0.269509344f; // log2(1 + t) / t, fitted for the smallest error
    p = p * t + 0.295634105f;
    p = p * t - 0.359350379f;
    p = p * t + 0.480629104f;
    p = p * t - 0.721364045f;
    p = p * t + 1.44269643f;
    result = p * t + __builtin_convertvector(exponent, Floats);
}

} // namespace sinkscope::simd
