// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"

#include <cstdint>
#include <span>
#include <vector>

namespace sinkscope {

/// Rows of numbers that may be more than memory holds: they are asked for in blocks.
class MatrixSource {
public:
    virtual ~MatrixSource() = default;
    [[nodiscard]] virtual std::int64_t rows() const = 0;
    [[nodiscard]] virtual int width() const = 0;
    /// Rows first .. first + count - 1, [count, width]: either where they lie anyway, or copied into `room`. Several threads call it at once,
    /// each with a `room` of its own; a pass asks for every row once.
    [[nodiscard]] virtual Result<std::span<const float>> read(std::int64_t first, std::int64_t count, std::vector<float>& room) = 0;
};

/// Rows that lie in memory, which must outlive it.
class MemoryMatrix final : public MatrixSource {
public:
    MemoryMatrix(std::span<const float> values, std::int64_t rows, int width) : m_values(values), m_rows(rows), m_width(width) {
        SINKSCOPE_ASSERT(values.size() == static_cast<std::size_t>(rows) * static_cast<std::size_t>(width));
    }
    [[nodiscard]] std::int64_t rows() const override { return m_rows; }
    [[nodiscard]] int width() const override { return m_width; }
    [[nodiscard]] Result<std::span<const float>> read(std::int64_t first, std::int64_t count, std::vector<float>&) override {
        const auto width = static_cast<std::size_t>(m_width);
        return m_values.subspan(static_cast<std::size_t>(first) * width, static_cast<std::size_t>(count) * width);
    }

private:
    std::span<const float> m_values;
    std::int64_t m_rows;
    int m_width;
};

} // namespace sinkscope
