// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <vector>

namespace sinkscope {

/// A tridiagonal matrix on its way to a diagonal one, all eigenvalues within -1..1, and the room that the steps need.
class QlMatrix {
public:
    explicit QlMatrix(std::size_t n) : m_size(n), m_numbers(7 * stride(), 0.0) {}

    [[nodiscard]] std::size_t size() const { return m_size; }
    [[nodiscard]] double* diagonal() { return row(0); } ///< [n]
    [[nodiscard]] double* squares() { return row(1); }  ///< [n] of what is below the diagonal; the last is 0
    /// One QL step on the unreduced block first..last, two or more apart. Thread: any that owns the matrix.
    void step(std::size_t first, std::size_t last);

private:
    static constexpr std::size_t kMargin = 8; ///< vectors reach so far beyond a block
    [[nodiscard]] std::size_t stride() const { return m_size + 2 * kMargin + 2; }
    [[nodiscard]] double* row(std::size_t index) { return m_numbers.data() + index * stride() + kMargin; }

    std::size_t m_size;
    std::vector<double> m_numbers;
};

} // namespace sinkscope
