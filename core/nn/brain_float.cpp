// SPDX-License-Identifier: Apache-2.0
#include "core/nn/brain_float.h"

#include "core/base/simd.h"

#include <cstring>

namespace sinkscope {

SINKSCOPE_CLONES void toBrainFloat(const float* from, std::size_t count, BrainFloat* to) {
    for (std::size_t i = 0; i < count; ++i) {
        std::uint32_t bits = 0;
        std::memcpy(&bits, from + i, sizeof bits);
        const std::uint32_t rounded = bits + 0x7fffu + ((bits >> 16) & 1u);
        const bool isNan = (bits & 0x7fffffffu) > 0x7f800000u; // adding could carry out of the mantissa
        to[i] = static_cast<BrainFloat>((isNan ? bits | 0x00400000u : rounded) >> 16);
    }
}

SINKSCOPE_CLONES void fromBrainFloat(const BrainFloat* from, std::size_t count, float* to) {
    for (std::size_t i = 0; i < count; ++i) {
        const std::uint32_t bits = std::uint32_t{from[i]} << 16;
        std::memcpy(to + i, &bits, sizeof bits);
    }
}

} // namespace sinkscope
