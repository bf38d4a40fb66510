// SPDX-License-Identifier: Apache-2.0
#include "core/inspect/block_rows.h"

#include "core/base/simd.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace sinkscope {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

/// Sum of 0 x: 0 unless something is NaN or infinite.
SINKSCOPE_CLONES float zeroSum(const float* row, std::size_t count) {
    float sum = 0;
#pragma omp simd reduction(+ : sum)
    for (std::size_t i = 0; i < count; ++i)
        sum += row[i] * 0.0F;
    return sum;
}

SINKSCOPE_CLONES void addClean(const float* row, std::size_t count, float* minimum, float* maximum, float* sum, float* squares) {
#pragma omp simd
    for (std::size_t i = 0; i < count; ++i) {
        minimum[i] = row[i] < minimum[i] ? row[i] : minimum[i];
        maximum[i] = row[i] > maximum[i] ? row[i] : maximum[i];
        sum[i] += row[i];
        squares[i] += row[i] * row[i];
    }
}

} // namespace

ColumnExtremes::ColumnExtremes(std::size_t columns) : m_minimum(columns), m_maximum(columns), m_sum(columns), m_squares(columns) { clear(); }

void ColumnExtremes::clear() {
    std::ranges::fill(m_minimum, kInfinity);
    std::ranges::fill(m_maximum, -kInfinity);
    std::ranges::fill(m_sum, 0.0F);
    std::ranges::fill(m_squares, 0.0F);
    m_broken.clear();
    m_rows = 0;
}

void ColumnExtremes::add(std::span<const float> row) {
    ++m_rows;
    if (zeroSum(row.data(), row.size()) == 0.0F)
        addClean(row.data(), row.size(), m_minimum.data(), m_maximum.data(), m_sum.data(), m_squares.data());
    else
        addBroken(row);
}

void ColumnExtremes::addBroken(std::span<const float> row) {
    m_broken.resize(m_sum.size());
    for (std::size_t i = 0; i < row.size(); ++i) {
        if (std::isfinite(row[i]))
            addClean(&row[i], 1, &m_minimum[i], &m_maximum[i], &m_sum[i], &m_squares[i]);
        else
            ++m_broken[i];
    }
}

ColumnExtremes::Block ColumnExtremes::block(std::size_t first, std::size_t count) const {
    Block block{kInfinity, -kInfinity, 0, 0, 0, 0};
    for (std::size_t i = first; i < first + count; ++i) {
        block.minimum = std::min(block.minimum, m_minimum[i]);
        block.maximum = std::max(block.maximum, m_maximum[i]);
        block.sum += static_cast<double>(m_sum[i]);
        block.squares += static_cast<double>(m_squares[i]);
        block.broken += m_broken.empty() ? 0 : m_broken[i];
    }
    block.finite = m_rows * static_cast<std::uint32_t>(count) - block.broken;
    return block;
}

} // namespace sinkscope
