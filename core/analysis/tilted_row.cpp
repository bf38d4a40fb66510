// SPDX-License-Identifier: Apache-2.0
#include "core/analysis/tilted_row.h"

#include <algorithm>
#include <bit>
#include <cstdint>

// One compiled version of a function per instruction set, as in core/attention/statistics_kernels.cpp.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__SANITIZE_THREAD__) && !defined(__SANITIZE_ADDRESS__) && !defined(__clang__)
#define SINKSCOPE_CLONES __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define SINKSCOPE_CLONES
#endif
#define SINKSCOPE_INLINE inline __attribute__((always_inline))

namespace sinkscope {
namespace {

/// exp(x) for -87 <= x <= 0: 2^n times a polynomial of degree 6 on |r| <= ln 2 / 2.
SINKSCOPE_INLINE float expNegative(float x) {
    const auto n = static_cast<std::int32_t>(x * 1.44269504F - 0.5F); // rounds, since x is not positive
    const auto whole = static_cast<float>(n);
    const float r = (x - whole * 0.693145752F) - whole * 1.42860677e-6F; // ln 2 in two parts
    const float series = 1.0F + r * (1.0F + r * (0.5F + r * (1.0F / 6 + r * (1.0F / 24 + r * (1.0F / 120 + r * (1.0F / 720))))));
    return series * std::bit_cast<float>((n + 127) << 23);
}

} // namespace

SINKSCOPE_CLONES TiltedRow tiltedRow(const float* row, int count, float largest, float t) {
    float weight = 0, first = 0, second = 0;
#pragma omp simd reduction(+ : weight, first, second)
    for (int j = 0; j < count; ++j) {
        const float d = row[j] - largest;
        const float e = expNegative(std::max(t * d, -87.0F));
        weight += e;
        first += d * e;
        second += d * d * e;
    }
    return {weight, first, second};
}

RowMoments momentsOf(const float* row, int count) {
    RowMoments moments{.smallest = row[0], .largest = row[0]};
    for (int j = 0; j < count; ++j) {
        moments.mean += row[j];
        moments.smallest = std::min(moments.smallest, row[j]);
        moments.largest = std::max(moments.largest, row[j]);
    }
    moments.mean /= count;
    for (int j = 0; j < count; ++j) {
        const double d = row[j] - moments.mean;
        moments.variance += d * d;
        moments.third += d * d * d;
        moments.countOfLargest += moments.largest - row[j] < 1e-6F ? 1 : 0;
    }
    moments.variance /= count;
    moments.third /= count;
    return moments;
}

} // namespace sinkscope
