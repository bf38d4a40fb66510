// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <string>

namespace sinkscope {

/// A matrix somewhere in memory: element (r, c) is at data[r * rowStride + c * columnStride]. One of the strides is 1.
struct MatrixView {
    const float* data = nullptr;
    std::size_t rows = 0, columns = 0, rowStride = 0, columnStride = 1;
    [[nodiscard]] MatrixView transposed() const { return {data, columns, rows, columnStride, rowStride}; }
    [[nodiscard]] MatrixView columnPart(std::size_t first, std::size_t count) const {
        return {data + first * columnStride, rows, count, rowStride, columnStride};
    }
    [[nodiscard]] MatrixView rowPart(std::size_t first, std::size_t count) const {
        return {data + first * rowStride, count, columns, rowStride, columnStride};
    }
};

/// out[r, c] = factor * sum over i of a[r, i] * b[i, c], with out's rows `stride` floats apart. Computed by ATen on the calling
/// thread alone. Throws what ATen throws. Thread: one on which `computeOnOneThread` was called.
void multiply(const MatrixView& a, const MatrixView& b, float factor, float* out, std::size_t stride);

/// Makes ATen use no further threads when called from this one: the loops around it are already parallel.
void computeOnOneThread();

/// While it lives, the BLAS runs each product on the thread that asks for it. (OpenBLAS has one pool for the whole process:
/// products asked for by several threads at once would wait for each other.)
class SingleThreadedBlas {
public:
    SingleThreadedBlas();
    ~SingleThreadedBlas();
    SingleThreadedBlas(const SingleThreadedBlas&) = delete;
    SingleThreadedBlas& operator=(const SingleThreadedBlas&) = delete;

private:
    void (*m_setThreads)(int) = nullptr;
    int m_before = 0;
};

} // namespace sinkscope
