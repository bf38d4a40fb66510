// SPDX-License-Identifier: Apache-2.0
#include "core/checkpoint/mxfp4.h"

#include <array>
#include <cmath>

namespace sinkscope {
namespace {

constexpr std::array<float, 16> kValues{0.0f, 0.5f, 1.0f, 1.5f, 2.0f, 3.0f, 4.0f, 6.0f, -0.0f, -0.5f, -1.0f, -1.5f, -2.0f, -3.0f, -4.0f, -6.0f};

} // namespace

void dequantizeMxfp4(std::span<const std::byte> blocks, std::span<const std::byte> scales, std::size_t first, std::span<float> out) {
    const std::size_t begin = first / kMxfp4Values, count = out.size() / kMxfp4Values;
    SINKSCOPE_ASSERT(first % kMxfp4Values == 0 && out.size() % kMxfp4Values == 0 && begin + count <= scales.size() &&
                     scales.size() * kMxfp4Bytes == blocks.size());
    for (std::size_t block = 0; block < count; ++block) {
        const float scale = std::ldexp(1.0f, std::to_integer<int>(scales[begin + block]) - 127);
        std::array<float, 16> values{};
        for (std::size_t i = 0; i < values.size(); ++i)
            values[i] = kValues[i] * scale;
        const std::byte* from = blocks.data() + (begin + block) * kMxfp4Bytes;
        float* to = out.data() + block * kMxfp4Values;
        for (std::size_t i = 0; i < kMxfp4Bytes; ++i) {
            const auto pair = std::to_integer<unsigned>(from[i]);
            to[2 * i] = values[pair & 15U];
            to[2 * i + 1] = values[pair >> 4U];
        }
    }
}

} // namespace sinkscope
