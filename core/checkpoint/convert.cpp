// SPDX-License-Identifier: Apache-2.0
#include "core/checkpoint/checkpoint.h"
#include "core/checkpoint/dequantize.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>
#endif

// The file is compiled with -O3 for its plain loops; the two types that weights really come in have kernels of their own,
// chosen when the program runs, because the build targets the baseline x86-64. Sources may be unaligned throughout.

namespace sinkscope {

namespace {

static_assert(std::endian::native == std::endian::little, "tensor bytes are little-endian and copied as they are");

template <typename T> void convertPlain(const std::byte* from, float* to, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
        T value;
        std::memcpy(&value, from + i * sizeof(T), sizeof(T));
        to[i] = static_cast<float>(value);
    }
}

void convertBool(const std::byte* from, float* to, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i)
        to[i] = from[i] == std::byte{0} ? 0.0F : 1.0F;
}

void halfPortable(const std::byte* from, float* to, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
        std::uint16_t half = 0;
        std::memcpy(&half, from + i * 2, 2);
        to[i] = halfToFloat(half);
    }
}

void brainPortable(const std::byte* from, float* to, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
        std::uint16_t upper = 0;
        std::memcpy(&upper, from + i * 2, 2);
        to[i] = std::bit_cast<float>(static_cast<std::uint32_t>(upper) << 16U);
    }
}

#if defined(__x86_64__)
__attribute__((target("avx2,f16c"))) void halfAvx(const std::byte* from, float* to, std::size_t count) {
    std::size_t i = 0;
    for (; i + 8 <= count; i += 8) {
        const __m128i halves = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from + i * 2));
        _mm256_storeu_ps(to + i, _mm256_cvtph_ps(halves));
    }
    halfPortable(from + i * 2, to + i, count - i);
}

__attribute__((target("avx2"))) void brainAvx(const std::byte* from, float* to, std::size_t count) {
    std::size_t i = 0;
    for (; i + 8 <= count; i += 8) {
        const __m128i uppers = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from + i * 2));
        const __m256i bits = _mm256_slli_epi32(_mm256_cvtepu16_epi32(uppers), 16);
        _mm256_storeu_ps(to + i, _mm256_castsi256_ps(bits));
    }
    brainPortable(from + i * 2, to + i, count - i);
}

bool hasAvx() {
    static const bool answer = [] {
        unsigned a = 0, b = 0, c = 0, d = 0; // clang 14 cannot be asked for F16C by name
        return __builtin_cpu_supports("avx2") && __get_cpuid(1, &a, &b, &c, &d) != 0 && (c & bit_F16C) != 0;
    }();
    return answer;
}
#endif

void convertHalf(const std::byte* from, float* to, std::size_t count) {
#if defined(__x86_64__)
    if (hasAvx())
        return halfAvx(from, to, count);
#endif
    halfPortable(from, to, count);
}

void convertBrain(const std::byte* from, float* to, std::size_t count) {
#if defined(__x86_64__)
    if (hasAvx())
        return brainAvx(from, to, count);
#endif
    brainPortable(from, to, count);
}

/// E4M3 in the variant of the OCP: no infinities, and only the two patterns with all bits set are NaN.
float e4m3ToFloat(unsigned bits) {
    const float sign = (bits & 0x80U) != 0 ? -1.0F : 1.0F;
    const unsigned exponent = (bits >> 3U) & 15U, fraction = bits & 7U;
    if (exponent == 15U && fraction == 7U)
        return std::numeric_limits<float>::quiet_NaN();
    if (exponent == 0)
        return sign * static_cast<float>(fraction) * 0x1p-9F;
    return sign * std::ldexp(1.0F + static_cast<float>(fraction) / 8.0F, static_cast<int>(exponent) - 7);
}

/// E5M2 is the upper byte of a half.
float e5m2ToFloat(unsigned bits) { return halfToFloat(static_cast<std::uint16_t>(bits << 8U)); }

template <float (*Decode)(unsigned)> void convertByTable(const std::byte* from, float* to, std::size_t count) {
    static const std::array<float, 256> table = [] {
        std::array<float, 256> values{};
        for (unsigned i = 0; i < 256; ++i)
            values[i] = Decode(i);
        return values;
    }();
    for (std::size_t i = 0; i < count; ++i)
        to[i] = table[std::to_integer<unsigned>(from[i])];
}

/// The variants without a negative zero, whose pattern is the only NaN, and with a bias that is one larger.
float e4m3FnuzToFloat(unsigned bits) {
    const unsigned exponent = (bits >> 3U) & 15U, fraction = bits & 7U;
    if (bits == 0x80U)
        return std::numeric_limits<float>::quiet_NaN();
    const float magnitude = exponent == 0 ? static_cast<float>(fraction) * 0x1p-10F
                                          : std::ldexp(1.0F + static_cast<float>(fraction) / 8.0F, static_cast<int>(exponent) - 8);
    return (bits & 0x80U) != 0 ? -magnitude : magnitude;
}

float e5m2FnuzToFloat(unsigned bits) {
    const unsigned exponent = (bits >> 2U) & 31U, fraction = bits & 3U;
    if (bits == 0x80U)
        return std::numeric_limits<float>::quiet_NaN();
    const float magnitude = exponent == 0 ? static_cast<float>(fraction) * 0x1p-17F
                                          : std::ldexp(1.0F + static_cast<float>(fraction) / 4.0F, static_cast<int>(exponent) - 16);
    return (bits & 0x80U) != 0 ? -magnitude : magnitude;
}

/// A power of two: the exponent of a block's scale.
float e8m0ToFloat(unsigned bits) {
    return bits == 255U ? std::numeric_limits<float>::quiet_NaN() : std::ldexp(1.0F, static_cast<int>(bits) - 127);
}

using Converter = void (*)(const std::byte*, float*, std::size_t);

Converter converterOf(DType type) {
    switch (type) {
    case DType::F64: return convertPlain<double>;
    case DType::F32: return convertPlain<float>;
    case DType::F16: return convertHalf;
    case DType::BF16: return convertBrain;
    case DType::F8E4M3: return convertByTable<e4m3ToFloat>;
    case DType::F8E5M2: return convertByTable<e5m2ToFloat>;
    case DType::I64: return convertPlain<std::int64_t>;
    case DType::I32: return convertPlain<std::int32_t>;
    case DType::I16: return convertPlain<std::int16_t>;
    case DType::I8: return convertPlain<std::int8_t>;
    case DType::U64: return convertPlain<std::uint64_t>;
    case DType::U32: return convertPlain<std::uint32_t>;
    case DType::U16: return convertPlain<std::uint16_t>;
    case DType::U8: return convertPlain<std::uint8_t>;
    case DType::Bool: return convertBool;
    case DType::F8E4M3Fnuz: return convertByTable<e4m3FnuzToFloat>;
    case DType::F8E5M2Fnuz: return convertByTable<e5m2FnuzToFloat>;
    case DType::F8E8M0: return convertByTable<e8m0ToFloat>;
    default: break; // quantised, or without values
    }
    SINKSCOPE_ASSERT(false);
    return convertPlain<float>;
}

/// Elements first..first + out.size(), the whole blocks among them straight to their place and the two at the ends through a block aside.
void convertBlocks(const TensorInfo& tensor, std::size_t first, std::span<float> out) {
    const BlockSize block = blockOf(tensor.dtype);
    std::array<float, kLargestBlock> aside{};
    while (!out.empty()) {
        const std::byte* from = tensor.bytes.data() + first / block.elements * block.bytes;
        const std::size_t skipped = first % block.elements;
        std::size_t done = out.size() / block.elements * block.elements;
        if (skipped == 0 && done > 0) {
            dequantize(tensor.dtype, from, out.data(), done / block.elements);
        } else {
            dequantize(tensor.dtype, from, aside.data(), 1);
            done = std::min(out.size(), block.elements - skipped);
            std::copy_n(aside.begin() + static_cast<std::ptrdiff_t>(skipped), done, out.begin());
        }
        out = out.subspan(done);
        first += done;
    }
}

/// Multiplies elements first..first + out.size() of a matrix by their factors, block by block of every row.
void applyScale(const TensorInfo& tensor, std::size_t first, std::span<float> out) {
    const TensorScale& scale = *tensor.scale;
    const auto columns = static_cast<std::size_t>(tensor.shape[1]), wide = static_cast<std::size_t>(scale.columns), high = static_cast<std::size_t>(scale.rows);
    const std::size_t inRow = columns / wide + (columns % wide != 0 ? 1 : 0);
    const Converter read = converterOf(scale.dtype);
    for (std::size_t at = 0; at < out.size();) {
        const std::size_t row = (first + at) / columns, column = (first + at) % columns;
        const std::size_t end = std::min((column / wide + 1) * wide, columns), count = std::min(end - column, out.size() - at);
        float factor = 1;
        read(scale.bytes.data() + (row / high * inRow + column / wide) * sizeOf(scale.dtype), &factor, 1);
        for (float& value : out.subspan(at, count))
            value *= factor;
        at += count;
    }
}

} // namespace

void convertToFloat(const TensorInfo& tensor, std::span<float> out) {
    SINKSCOPE_ASSERT(out.size() == tensor.elements());
    convertToFloat(tensor, 0, out);
}

void convertToFloat(const TensorInfo& tensor, std::size_t first, std::span<float> out) {
    SINKSCOPE_ASSERT(first + out.size() <= tensor.elements());
    if (out.empty())
        return;
    if (!hasValues(tensor.dtype)) {
        std::ranges::fill(out, std::numeric_limits<float>::quiet_NaN());
        return;
    }
    if (isQuantized(tensor.dtype))
        return convertBlocks(tensor, first, out);
    const std::byte* from = tensor.bytes.data() + first * sizeOf(tensor.dtype);
    if (tensor.dtype == DType::F32)
        std::memcpy(out.data(), from, out.size_bytes());
    else
        converterOf(tensor.dtype)(from, out.data(), out.size());
    if (tensor.scale)
        applyScale(tensor, first, out);
}

} // namespace sinkscope
