// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <concepts>
#include <cstdint>
#include <optional>
#include <span>

namespace sinkscope {

/// a*b, or nothing on overflow. Every size that comes from a file goes through these.
template <std::integral T> [[nodiscard]] constexpr std::optional<T> checkedMul(T a, T b) {
    T result{};
    if (__builtin_mul_overflow(a, b, &result))
        return std::nullopt;
    return result;
}

/// a+b, or nothing on overflow.
template <std::integral T> [[nodiscard]] constexpr std::optional<T> checkedAdd(T a, T b) {
    T result{};
    if (__builtin_add_overflow(a, b, &result))
        return std::nullopt;
    return result;
}

/// Product of a shape, or nothing when a dimension is negative or the product overflows. An empty shape (a scalar) gives 1.
[[nodiscard]] constexpr std::optional<std::int64_t> elementCount(std::span<const std::int64_t> shape) {
    std::int64_t count = 1;
    for (const std::int64_t dimension : shape) {
        if (dimension < 0)
            return std::nullopt;
        const auto next = checkedMul(count, dimension);
        if (!next)
            return std::nullopt;
        count = *next;
    }
    return count;
}

} // namespace sinkscope
