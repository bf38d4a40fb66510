// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/checkpoint/checkpoint.h"

namespace sinkscope {

/// Values that share one scale, and bytes that hold them.
inline constexpr std::size_t kMxfp4Values = 32, kMxfp4Bytes = 16;

/// MXFP4 (Open Compute Project, Microscaling Formats 1.0): `blocks` holds numbers of 4 bits (a sign, two bits of exponent, one of
/// fraction), two a byte, the one in the lower half first; `scales` holds one power of two for each `kMxfp4Values` of them, as a byte
/// 127 above its exponent. Writes the values from number `first` on, a multiple of `kMxfp4Values` as is their count. Exact; 2^128, which
/// the byte 255 would mean, is infinite in float32. Thread: any.
void dequantizeMxfp4(std::span<const std::byte> blocks, std::span<const std::byte> scales, std::size_t first, std::span<float> out);

} // namespace sinkscope
