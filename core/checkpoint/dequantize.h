// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/checkpoint/checkpoint.h"

#include <bit>
#include <cmath>

namespace sinkscope {

/// Elements of the largest block of a type that can be read.
inline constexpr std::size_t kLargestBlock = 256;

/// Whole blocks of a quantised type with values to float32, rounded as the gguf Python package does: every product and every difference
/// to float32. `from` may be unaligned; `to` has room for `blocks` times the elements of a block. Thread: any.
void dequantize(DType type, const std::byte* from, float* to, std::size_t blocks);
/// The same without the instructions of newer processors.
void dequantizePortably(DType type, const std::byte* from, float* to, std::size_t blocks);
/// An IEEE half as float32.
inline float halfToFloat(std::uint16_t half) {
    const std::uint32_t magnitude = half & 0x7FFFU;
    const float sign = (half & 0x8000U) != 0 ? -1.0F : 1.0F;
    if (magnitude >= 0x7C00U) // infinity, or a NaN that keeps its payload
        return std::copysign(std::bit_cast<float>(0x7F800000U | (magnitude << 13U)), sign);
    if (magnitude < 0x0400U) // zero and subnormals
        return sign * static_cast<float>(magnitude) * 0x1p-24F;
    return sign * std::bit_cast<float>((magnitude << 13U) + (112U << 23U));
}

} // namespace sinkscope
