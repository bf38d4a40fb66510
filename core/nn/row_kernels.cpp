// SPDX-License-Identifier: Apache-2.0
#include "core/nn/row_kernels.h"

#include "core/base/simd.h"

#include <cmath>

namespace sinkscope {
namespace {

using simd::Floats;
using simd::kLanes;

/// x * Phi(x) with Phi(x) = erfc(-x/sqrt2)/2 and erfc(z) = t exp(-z^2 + P(t)), t = 1/(1 + z/2), z >= 0. P was fitted for the smallest
/// relative error, 2e-7 in float32, in powers of t - 0.6.
SINKSCOPE_INLINE void gelu(Floats& x) {
    constexpr float kCoefficients[] = {0.142193764f, 0.101785868f, -0.231864184f, -0.0711078346f, 0.289345443f,
                                       -0.0108961379f, -0.408927798f, 0.0702892169f, 1.37142038f, -0.535759807f};
    const Floats z = (x < 0.0f ? -x : x) * 0.707106781f;
    const Floats t = 1.0f / (1.0f + 0.5f * z), s = t - 0.6f;
    Floats p{};
    for (const float coefficient : kCoefficients)
        p = p * s + coefficient;
    Floats tail;
    simd::exponential(tail, p - z * z);
    tail = tail * t * 0.5f;
    x = x * (x > 0.0f ? 1.0f - tail : tail);
}

/// x (1 + tanh u)/2 = x / (1 + exp(-2u)) with u = sqrt(2/pi) (x + 0.044715 x^3).
SINKSCOPE_INLINE void geluTanh(Floats& x) {
    Floats e;
    simd::exponential(e, (x + x * x * x * 0.044715f) * -1.59576912f);
    x = x / (1.0f + e);
}

SINKSCOPE_INLINE void silu(Floats& x) {
    Floats e;
    simd::exponential(e, -x);
    x = x / (1.0f + e);
}

SINKSCOPE_INLINE void relu(Floats& x) { x = x < 0.0f ? Floats{} : x; } // keeps NaN

/// Applies `F` to every vector of x + bias.
template <void (*F)(Floats&)> SINKSCOPE_INLINE void activateWith(float* x, const float* bias, std::size_t count) {
    Floats value, shift{};
    std::size_t at = 0;
    for (; at + kLanes <= count; at += kLanes) {
        simd::load(value, x + at);
        if (bias)
            simd::load(shift, bias + at);
        value += shift;
        F(value);
        simd::store(x + at, value);
    }
    if (at == count)
        return;
    simd::loadPart(value, x + at, count - at, 0.0f);
    if (bias)
        simd::loadPart(shift, bias + at, count - at, 0.0f);
    value += shift;
    F(value);
    simd::storePart(x + at, value, count - at);
}

SINKSCOPE_CLONES void activateGelu(float* x, const float* bias, std::size_t count) { activateWith<gelu>(x, bias, count); }
SINKSCOPE_CLONES void activateGeluTanh(float* x, const float* bias, std::size_t count) { activateWith<geluTanh>(x, bias, count); }
SINKSCOPE_CLONES void activateSilu(float* x, const float* bias, std::size_t count) { activateWith<silu>(x, bias, count); }
SINKSCOPE_CLONES void activateRelu(float* x, const float* bias, std::size_t count) { activateWith<relu>(x, bias, count); }

/// Sum of (x - shift)^power for power 1 or 2, in sixteen partial sums.
template <int kPower> SINKSCOPE_INLINE float powerSum(const float* x, float shift, std::size_t count) {
    Floats value, sums{};
    std::size_t at = 0;
    for (; at + kLanes <= count; at += kLanes) {
        simd::load(value, x + at);
        value = value - shift;
        sums += kPower == 1 ? value : value * value;
    }
    if (at < count) {
        simd::loadPart(value, x + at, count - at, shift);
        value = value - shift;
        sums += kPower == 1 ? value : value * value;
    }
    return simd::sum(sums);
}

SINKSCOPE_INLINE void normalise(const float* x, float mean, float factor, const float* weight, const float* bias,
                                std::size_t count, float* out) {
    for (std::size_t i = 0; !weight && i < count; ++i)
        out[i] = (x[i] - mean) * factor;
    for (std::size_t i = 0; weight && i < count; ++i)
        out[i] = (x[i] - mean) * factor * weight[i] + (bias ? bias[i] : 0.0f);
}

} // namespace

SINKSCOPE_CLONES void layerNormRow(const float* x, const float* weight, const float* bias, double epsilon, std::size_t count,
                                   float* out) {
    const float mean = powerSum<1>(x, 0.0f, count) / static_cast<float>(count);
    const double variance = powerSum<2>(x, mean, count) / static_cast<double>(count);
    normalise(x, mean, static_cast<float>(1.0 / std::sqrt(variance + epsilon)), weight, bias, count, out);
}

SINKSCOPE_CLONES void rmsNormRow(const float* x, const float* weight, double epsilon, std::size_t count, float* out) {
    const double square = powerSum<2>(x, 0.0f, count) / static_cast<double>(count);
    normalise(x, 0.0f, static_cast<float>(1.0 / std::sqrt(square + epsilon)), weight, nullptr, count, out);
}

void activateRow(Activation activation, float* x, const float* bias, std::size_t count) {
    switch (activation) {
    case Activation::Gelu: return activateGelu(x, bias, count);
    case Activation::GeluTanh: return activateGeluTanh(x, bias, count);
    case Activation::Relu: return activateRelu(x, bias, count);
    case Activation::Silu: return activateSilu(x, bias, count);
    }
}

SINKSCOPE_CLONES void addRow(float* to, const float* x, const float* bias, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i)
        to[i] += x[i] + (bias ? bias[i] : 0.0f);
}

SINKSCOPE_CLONES void copyRow(float* to, const float* x, const float* bias, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i)
        to[i] = x[i] + (bias ? bias[i] : 0.0f);
}

SINKSCOPE_CLONES void multiplyRow(float* to, const float* x, const float* bias, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i)
        to[i] *= x[i] + (bias ? bias[i] : 0.0f);
}

SINKSCOPE_CLONES void clipRow(float* x, float limit, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i)
        x[i] = x[i] > limit ? limit : x[i] < -limit ? -limit : x[i];
}

SINKSCOPE_CLONES void addScaledRow(float* to, const float* x, const float* bias, float factor, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i)
        to[i] += (x[i] + (bias ? bias[i] : 0.0f)) * factor;
}

SINKSCOPE_CLONES void clampedGateRow(float* gate, const float* up, float alpha, float limit, std::size_t count) {
    Floats g, u, e;
    for (std::size_t at = 0; at < count; at += kLanes) {
        const std::size_t left = count - at;
        if (left >= kLanes) {
            simd::load(g, gate + at);
            simd::load(u, up + at);
        } else {
            simd::loadPart(g, gate + at, left, 0.0f);
            simd::loadPart(u, up + at, left, 0.0f);
        }
        const Floats most = Floats{} + limit; // comparisons that are false for NaN, and so keep it
        g = g > most ? most : g;
        u = u > most ? most : u < -most ? -most : u;
        simd::exponential(e, g * -alpha);
        g = g / (1.0f + e) * (1.0f + u);
        if (left >= kLanes)
            simd::store(gate + at, g);
        else
            simd::storePart(gate + at, g, left);
    }
}

SINKSCOPE_CLONES bool allFinite(const float* x, std::size_t count) {
    // 0 * x is 0 for every finite x and NaN for the others.
    Floats value, sums{};
    std::size_t at = 0;
    for (; at + kLanes <= count; at += kLanes) {
        simd::load(value, x + at);
        sums += value * 0.0f;
    }
    if (at < count) {
        simd::loadPart(value, x + at, count - at, 0.0f);
        sums += value * 0.0f;
    }
    return simd::sum(sums) == 0.0f;
}

} // namespace sinkscope
