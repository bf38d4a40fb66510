// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/checkpoint/checkpoint.h"
#include "core/jobs/job_context.h"

#include <cstdint>
#include <memory>
#include <vector>

namespace sinkscope {

/// Blocks of a matrix, [rows, columns] of them, row-major: what is seen where one pixel stands for many elements.
struct MatrixBlocks {
    std::size_t rows = 0, columns = 0;
    std::vector<float> minimum, maximum, mean; ///< of the finite elements; NaN where there is none
    std::vector<std::uint32_t> finite;         ///< number of elements that are
    std::vector<std::uint8_t> broken;          ///< 1 where the block holds NaN or infinity
    [[nodiscard]] std::size_t size() const { return rows * columns; }
};

/// A tensor as a matrix from afar: minimum, maximum and mean of square blocks, which double in size from level to level. A vector is one row;
/// of more than two dimensions all but the last are rows.
struct MatrixPyramid {
    std::size_t rows = 0, columns = 0;
    std::size_t block = 1;             ///< side of the blocks of level 0; those of level n are 2^n times as long
    std::vector<MatrixBlocks> levels;
    double minimum = 0, maximum = 0;   ///< of the finite elements
    double mean = 0, deviation = 0;
    std::uint64_t finite = 0, broken = 0; ///< numbers of elements
};

/// How a tensor is laid out as a matrix, {rows, columns}.
std::pair<std::size_t, std::size_t> matrixShape(const TensorInfo& tensor);

/// Reads the tensor once, on several threads. Level 0 has at most two million blocks (36 MB), so that memory does not depend on the tensor.
/// Elements that float32 cannot hold are rounded. Errors: InvalidArgument (no elements), those of checkHasValues, Cancelled. Thread: any but gui.
Result<std::shared_ptr<const MatrixPyramid>> buildMatrixPyramid(const TensorInfo& tensor, JobContext& context, int threads = 0);

/// A part of a matrix in blocks that need not be square.
struct MatrixWindow {
    std::size_t row = 0, column = 0, rows = 0, columns = 0; ///< elements; inside the matrix
    std::size_t blockRows = 1, blockColumns = 1;            ///< powers of two
};
/// The window's blocks, the first of which begins at `window`'s row and column rounded down to whole blocks. Comes out of the pyramid where its
/// blocks are fine enough; what is looked at more closely is read from the tensor, down to single elements. Errors: Cancelled. Thread: any but gui.
Result<MatrixBlocks> readMatrixWindow(const TensorInfo& tensor, const MatrixPyramid& pyramid, const MatrixWindow& window, JobContext& context);

} // namespace sinkscope
