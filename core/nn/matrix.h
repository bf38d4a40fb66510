// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/nn/brain_float.h"

#include <cstddef>
#include <cstdint>
#include <string>

namespace sinkscope {

/// A matrix somewhere in memory: element (r, c) is at data[r * rowStride + c * columnStride]. One of the strides is 1.
struct MatrixView {
    const float* data = nullptr; ///< null: see `brain`
    std::size_t rows = 0, columns = 0, rowStride = 0, columnStride = 1;
    const BrainFloat* brain = nullptr; ///< the elements as bfloat16 instead
    std::uint64_t version = 0; ///< of a weight: what lies at this address is the same as long as this is, and may be kept elsewhere; 0: not known
    [[nodiscard]] MatrixView transposed() const { return {data, columns, rows, columnStride, rowStride, brain, version}; }
    [[nodiscard]] MatrixView columnPart(std::size_t first, std::size_t count) const { return part(first * columnStride, rows, count); }
    [[nodiscard]] MatrixView rowPart(std::size_t first, std::size_t count) const { return part(first * rowStride, count, columns); }

private:
    [[nodiscard]] MatrixView part(std::size_t offset, std::size_t rowCount, std::size_t columnCount) const {
        return {brain ? nullptr : data + offset, rowCount, columnCount, rowStride, columnStride, brain ? brain + offset : nullptr, version};
    }
};

/// A version that no weight had before. Thread: any.
std::uint64_t nextWeightVersion();

/// out[r, c] = factor * sum over i of a[r, i] * b[i, c], with out's rows `stride` floats apart. Computed by ATen on the calling
/// thread alone. Throws what ATen throws. Thread: one on which `computeOnOneThread` was called.
void multiply(const MatrixView& a, const MatrixView& b, float factor, float* out, std::size_t stride);

/// The same for two matrices of bfloat16, without a factor: products are summed in float32 and rounded to bfloat16 once, into contiguous
/// rows. Thread: the same.
void multiplyBrain(const MatrixView& a, const MatrixView& b, BrainFloat* out);

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
