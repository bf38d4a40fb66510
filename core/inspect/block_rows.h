// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace sinkscope {

/// Minimum, maximum and sums of columns over the rows that have been added: the first half of making blocks, which vectorises.
class ColumnExtremes {
public:
    explicit ColumnExtremes(std::size_t columns);
    void clear();
    /// `row` has as many elements as there are columns.
    void add(std::span<const float> row);

    /// One block of what has been added.
    struct Block {
        float minimum, maximum;
        double sum, squares;
        std::uint32_t finite, broken; ///< numbers of elements
    };
    /// Of `count` columns from `first` on.
    [[nodiscard]] Block block(std::size_t first, std::size_t count) const;

private:
    void addBroken(std::span<const float> row);
    std::vector<float> m_minimum, m_maximum, m_sum, m_squares;
    std::vector<std::uint32_t> m_broken; ///< empty until something is
    std::uint32_t m_rows = 0;
};

} // namespace sinkscope
