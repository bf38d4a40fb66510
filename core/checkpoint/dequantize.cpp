// SPDX-License-Identifier: Apache-2.0
// The block types of GGUF, as ggml defines them. Each decoder is written once, as plain loops of fixed length, and compiled twice: for
// the baseline and for AVX2, where the compiler makes wide code of them. Nothing here may be fused or reordered.
#include "core/checkpoint/dequantize.h"

#include <array>
#include <bit>
#include <cmath>
#include <cstring>

#define SINKSCOPE_INLINE __attribute__((always_inline)) inline

namespace sinkscope {
namespace {

using Bytes = const std::uint8_t*;

SINKSCOPE_INLINE float halfAt(Bytes from) {
    std::uint16_t half = 0;
    std::memcpy(&half, from, 2);
    return halfToFloat(half);
}

SINKSCOPE_INLINE unsigned bitsAt(Bytes from) {
    std::uint32_t bits = 0;
    std::memcpy(&bits, from, 4);
    return bits;
}

/// Levels of the non-linear four-bit types.
constexpr std::array<float, 16> kLevels{-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113};

struct Q4_0 { // half scale, 16 bytes: low nibbles first
    SINKSCOPE_INLINE static void decode(Bytes from, float* to) {
        const float scale = halfAt(from);
        for (int i = 0; i < 16; ++i) {
            to[i] = scale * static_cast<float>((from[2 + i] & 15) - 8);
            to[16 + i] = scale * static_cast<float>((from[2 + i] >> 4) - 8);
        }
    }
};

struct Q4_1 { // scale, minimum, nibbles
    SINKSCOPE_INLINE static void decode(Bytes from, float* to) {
        const float scale = halfAt(from), minimum = halfAt(from + 2);
        for (int i = 0; i < 16; ++i) {
            to[i] = scale * static_cast<float>(from[4 + i] & 15) + minimum;
            to[16 + i] = scale * static_cast<float>(from[4 + i] >> 4) + minimum;
        }
    }
};

struct Q5_0 { // scale, the fifth bits, nibbles
    SINKSCOPE_INLINE static void decode(Bytes from, float* to) {
        const float scale = halfAt(from);
        const unsigned fifth = bitsAt(from + 2);
        for (unsigned i = 0; i < 16; ++i) {
            to[i] = scale * static_cast<float>(static_cast<int>((from[6 + i] & 15U) | (fifth >> i & 1U) << 4U) - 16);
            to[16 + i] = scale * static_cast<float>(static_cast<int>((from[6 + i] >> 4U) | (fifth >> (16 + i) & 1U) << 4U) - 16);
        }
    }
};

struct Q5_1 {
    SINKSCOPE_INLINE static void decode(Bytes from, float* to) {
        const float scale = halfAt(from), minimum = halfAt(from + 2);
        const unsigned fifth = bitsAt(from + 4);
        for (unsigned i = 0; i < 16; ++i) {
            to[i] = scale * static_cast<float>(static_cast<int>((from[8 + i] & 15U) | (fifth >> i & 1U) << 4U)) + minimum;
            to[16 + i] = scale * static_cast<float>(static_cast<int>((from[8 + i] >> 4U) | (fifth >> (16 + i) & 1U) << 4U)) + minimum;
        }
    }
};

struct Q8_0 {
    SINKSCOPE_INLINE static void decode(Bytes from, float* to) {
        const float scale = halfAt(from);
        for (int i = 0; i < 32; ++i)
            to[i] = scale * static_cast<float>(static_cast<std::int8_t>(from[2 + i]));
    }
};

struct Q2_K { // 16 pairs of nibbles (scale, minimum), 64 bytes of four values, two scales
    SINKSCOPE_INLINE static void decode(Bytes from, float* to) {
        const float scale = halfAt(from + 80), minimum = halfAt(from + 82);
        for (int group = 0; group < 16; ++group) {
            const float step = scale * static_cast<float>(from[group] & 15), least = minimum * static_cast<float>(from[group] >> 4);
            const int shift = group % 8 / 2 * 2;
            Bytes values = from + 16 + group / 8 * 32 + group % 2 * 16;
            for (int i = 0; i < 16; ++i)
                to[group * 16 + i] = step * static_cast<float>(values[i] >> shift & 3) - least;
        }
    }
};

struct Q3_K { // 32 bytes of third bits, 64 bytes of four values, 12 bytes of 16 six-bit scales, a scale
    SINKSCOPE_INLINE static void decode(Bytes from, float* to) {
        const float scale = halfAt(from + 108);
        Bytes scales = from + 96;
        for (int group = 0; group < 16; ++group) {
            const int low = scales[group % 8] >> (group / 8 * 4) & 15, high = scales[8 + group % 4] >> (group / 4 * 2) & 3;
            const float step = scale * static_cast<float>((low | high << 4) - 32);
            const int shift = group % 8 / 2 * 2, bit = group / 2;
            Bytes values = from + 32 + group / 8 * 32 + group % 2 * 16, third = from + group % 2 * 16;
            for (int i = 0; i < 16; ++i)
                to[group * 16 + i] = step * static_cast<float>((values[i] >> shift & 3) - (((third[i] >> bit & 1) ^ 1) << 2));
        }
    }
};

/// Eight six-bit scales and minima in 12 bytes, multiplied out.
struct Steps {
    std::array<float, 8> step{}, least{};
    SINKSCOPE_INLINE explicit Steps(Bytes from) {
        const float scale = halfAt(from), minimum = halfAt(from + 2);
        Bytes packed = from + 4;
        for (int i = 0; i < 4; ++i) {
            const auto at = static_cast<std::size_t>(i);
            step[at] = scale * static_cast<float>(packed[i] & 63);
            least[at] = minimum * static_cast<float>(packed[4 + i] & 63);
            step[at + 4] = scale * static_cast<float>((packed[8 + i] & 15) | (packed[i] >> 2 & 48));
            least[at + 4] = minimum * static_cast<float>((packed[8 + i] >> 4) | (packed[4 + i] >> 2 & 48));
        }
    }
};

struct Q4_K { // two scales, 12 bytes of scales and minima, nibbles of 4 times 2 groups of 32
    SINKSCOPE_INLINE static void decode(Bytes from, float* to) {
        const Steps steps(from);
        for (int pair = 0; pair < 4; ++pair) {
            const auto even = static_cast<std::size_t>(2 * pair), odd = even + 1;
            Bytes values = from + 16 + pair * 32;
            for (int i = 0; i < 32; ++i)
                to[pair * 64 + i] = steps.step[even] * static_cast<float>(values[i] & 15) - steps.least[even];
            for (int i = 0; i < 32; ++i)
                to[pair * 64 + 32 + i] = steps.step[odd] * static_cast<float>(values[i] >> 4) - steps.least[odd];
        }
    }
};

struct Q5_K { // the same with 32 bytes of fifth bits before the nibbles
    SINKSCOPE_INLINE static void decode(Bytes from, float* to) {
        const Steps steps(from);
        Bytes fifth = from + 16;
        for (int pair = 0; pair < 4; ++pair) {
            const auto even = static_cast<std::size_t>(2 * pair), odd = even + 1;
            Bytes values = from + 48 + pair * 32;
            for (int i = 0; i < 32; ++i)
                to[pair * 64 + i] = steps.step[even] * static_cast<float>((values[i] & 15) | (fifth[i] >> (2 * pair) & 1) << 4) - steps.least[even];
            for (int i = 0; i < 32; ++i)
                to[pair * 64 + 32 + i] = steps.step[odd] * static_cast<float>((values[i] >> 4) | (fifth[i] >> (2 * pair + 1) & 1) << 4) - steps.least[odd];
        }
    }
};

struct Q6_K { // 128 bytes of nibbles, 64 bytes of the upper two bits, 16 signed scales, a scale
    SINKSCOPE_INLINE static void decode(Bytes from, float* to) {
        const float scale = halfAt(from + 208);
        for (int group = 0; group < 16; ++group) {
            const float step = scale * static_cast<float>(static_cast<std::int8_t>(from[192 + group]));
            const int half = group / 8, row = group % 8 / 2; // row: which 32 of the 128 values of a half
            Bytes nibbles = from + half * 64 + row % 2 * 32 + group % 2 * 16, upper = from + 128 + half * 32 + group % 2 * 16;
            const int shift = row / 2 * 4, upperShift = row * 2;
            for (int i = 0; i < 16; ++i)
                to[group * 16 + i] = step * static_cast<float>(((nibbles[i] >> shift & 15) | (upper[i] >> upperShift & 3) << 4) - 32);
        }
    }
};

struct IQ4_NL {
    SINKSCOPE_INLINE static void decode(Bytes from, float* to) {
        const float scale = halfAt(from);
        for (int i = 0; i < 16; ++i) {
            to[i] = scale * kLevels[from[2 + i] & 15U];
            to[16 + i] = scale * kLevels[static_cast<std::size_t>(from[2 + i] >> 4)];
        }
    }
};

struct IQ4_XS { // a scale, 8 six-bit scales whose upper bits come first, levels
    SINKSCOPE_INLINE static void decode(Bytes from, float* to) {
        const float scale = halfAt(from);
        const unsigned upper = static_cast<unsigned>(from[2] | from[3] << 8);
        for (unsigned group = 0; group < 8; ++group) {
            const unsigned low = from[4 + group / 2] >> (group % 2 * 4) & 15U, bits = low | (upper >> (2 * group) & 3U) << 4U;
            const float step = scale * static_cast<float>(static_cast<int>(bits) - 32);
            Bytes values = from + 8 + group * 16;
            for (unsigned i = 0; i < 16; ++i) {
                to[group * 32 + i] = step * kLevels[values[i] & 15U];
                to[group * 32 + 16 + i] = step * kLevels[static_cast<std::size_t>(values[i] >> 4)];
            }
        }
    }
};

/// Twice the numbers of MXFP4 (core/checkpoint/mxfp4.h), so that they are whole; as in ggml, zero has no sign.
constexpr std::array<float, 16> kTwiceMxfp4{0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12};

struct Mxfp4 { // a power of two, nibbles
    SINKSCOPE_INLINE static void decode(Bytes from, float* to) {
        const float scale = std::ldexp(1.0f, static_cast<int>(from[0]) - 128);
        for (int i = 0; i < 16; ++i) {
            to[i] = scale * kTwiceMxfp4[from[1 + i] & 15U];
            to[16 + i] = scale * kTwiceMxfp4[static_cast<std::size_t>(from[1 + i] >> 4)];
        }
    }
};

template <typename Type, std::size_t Elements, std::size_t Size> SINKSCOPE_INLINE void decodeAll(Bytes from, float* to, std::size_t blocks) {
    for (std::size_t block = 0; block < blocks; ++block)
        Type::decode(from + block * Size, to + block * Elements);
}

SINKSCOPE_INLINE void dispatch(DType type, Bytes from, float* to, std::size_t blocks) {
    switch (type) {
    case DType::Q4_0: return decodeAll<Q4_0, 32, 18>(from, to, blocks);
    case DType::Q4_1: return decodeAll<Q4_1, 32, 20>(from, to, blocks);
    case DType::Q5_0: return decodeAll<Q5_0, 32, 22>(from, to, blocks);
    case DType::Q5_1: return decodeAll<Q5_1, 32, 24>(from, to, blocks);
    case DType::Q8_0: return decodeAll<Q8_0, 32, 34>(from, to, blocks);
    case DType::Q2_K: return decodeAll<Q2_K, 256, 84>(from, to, blocks);
    case DType::Q3_K: return decodeAll<Q3_K, 256, 110>(from, to, blocks);
    case DType::Q4_K: return decodeAll<Q4_K, 256, 144>(from, to, blocks);
    case DType::Q5_K: return decodeAll<Q5_K, 256, 176>(from, to, blocks);
    case DType::Q6_K: return decodeAll<Q6_K, 256, 210>(from, to, blocks);
    case DType::IQ4_NL: return decodeAll<IQ4_NL, 32, 18>(from, to, blocks);
    case DType::IQ4_XS: return decodeAll<IQ4_XS, 256, 136>(from, to, blocks);
    case DType::MXFP4: return decodeAll<Mxfp4, 32, 17>(from, to, blocks);
    default: SINKSCOPE_ASSERT(false);
    }
}

#if defined(__x86_64__)
__attribute__((target("avx2"))) void dispatchWide(DType type, Bytes from, float* to, std::size_t blocks) { dispatch(type, from, to, blocks); }
#endif

} // namespace

void dequantizePortably(DType type, const std::byte* from, float* to, std::size_t blocks) {
    dispatch(type, reinterpret_cast<Bytes>(from), to, blocks);
}

void dequantize(DType type, const std::byte* from, float* to, std::size_t blocks) {
#if defined(__x86_64__)
    static const bool wide = __builtin_cpu_supports("avx2");
    if (wide)
        return dispatchWide(type, reinterpret_cast<Bytes>(from), to, blocks);
#endif
    dequantizePortably(type, from, to, blocks);
}

} // namespace sinkscope
