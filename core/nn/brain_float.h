// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <cstdint>

namespace sinkscope {

/// bfloat16 as its sixteen bits: the upper half of a float32.
using BrainFloat = std::uint16_t;

/// To the nearest bfloat16, ties to even; NaN stays NaN. Thread: any.
void toBrainFloat(const float* from, std::size_t count, BrainFloat* to);
/// Exact. Thread: any.
void fromBrainFloat(const BrainFloat* from, std::size_t count, float* to);

} // namespace sinkscope
