// SPDX-License-Identifier: Apache-2.0
#include "core/inspect/matrix_pyramid.h"

#include "core/checkpoint/tensor_pieces.h"
#include "core/inspect/block_rows.h"
#include "core/jobs/thread_team.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <limits>
#include <mutex>

namespace sinkscope {
namespace {

constexpr std::size_t kMostBlocks = std::size_t(1) << 21U;
constexpr std::size_t kSmallestLevel = 64;                     ///< blocks along the longer side of the last level
constexpr std::size_t kChunk = std::size_t(1) << 16U;          ///< columns converted at a time
constexpr std::size_t kTask = std::size_t(1) << 22U;           ///< elements that a thread takes at a time
constexpr float kNone = std::numeric_limits<float>::quiet_NaN();

std::size_t ceilDivide(std::size_t a, std::size_t b) { return (a + b - 1) / b; }

MatrixBlocks emptyBlocks(std::size_t rows, std::size_t columns) {
    MatrixBlocks blocks{rows, columns, {}, {}, {}, {}, {}};
    const std::size_t size = rows * columns;
    blocks.minimum.resize(size);
    blocks.maximum.resize(size);
    blocks.mean.resize(size);
    blocks.finite.resize(size);
    blocks.broken.resize(size);
    return blocks;
}

void store(MatrixBlocks& to, std::size_t at, const ColumnExtremes::Block& block) {
    const bool isNone = block.finite == 0;
    to.minimum[at] = isNone ? kNone : block.minimum;
    to.maximum[at] = isNone ? kNone : block.maximum;
    to.mean[at] = isNone ? kNone : static_cast<float>(block.sum / block.finite);
    to.finite[at] = block.finite;
    to.broken[at] = block.broken > 0 ? 1 : 0;
}

/// Blocks of `factorRows` x `factorColumns` blocks of `from`.
struct Reduction {
    const MatrixBlocks& from;
    std::size_t firstRow, firstColumn;           ///< in blocks of `from`
    std::size_t factorRows, factorColumns;

    void store(MatrixBlocks& to, std::size_t row, std::size_t column) const {
        const std::size_t at = row * to.columns + column;
        float least = std::numeric_limits<float>::infinity(), most = -least;
        double sum = 0, weight = 0;
        for (std::size_t r = firstRow + row * factorRows; r < std::min(from.rows, firstRow + (row + 1) * factorRows); ++r)
            for (std::size_t c = firstColumn + column * factorColumns; c < std::min(from.columns, firstColumn + (column + 1) * factorColumns); ++c) {
                const std::size_t source = r * from.columns + c;
                to.broken[at] |= from.broken[source];
                if (from.finite[source] == 0)
                    continue;
                least = std::min(least, from.minimum[source]);
                most = std::max(most, from.maximum[source]);
                sum += static_cast<double>(from.finite[source]) * static_cast<double>(from.mean[source]);
                weight += static_cast<double>(from.finite[source]);
            }
        to.minimum[at] = weight > 0 ? least : kNone;
        to.maximum[at] = weight > 0 ? most : kNone;
        to.mean[at] = weight > 0 ? static_cast<float>(sum / weight) : kNone;
        to.finite[at] = static_cast<std::uint32_t>(std::min(weight, 4294967295.0));
    }
};

class PyramidBuilder {
public:
    PyramidBuilder(const TensorInfo& tensor, JobContext& context) : m_tensor(tensor), m_context(context), m_pyramid(std::make_shared<MatrixPyramid>()) {
        std::tie(m_pyramid->rows, m_pyramid->columns) = matrixShape(tensor);
        while (ceilDivide(m_pyramid->rows, m_pyramid->block) > kMostBlocks / ceilDivide(m_pyramid->columns, m_pyramid->block))
            m_pyramid->block *= 2;
    }

    Result<std::shared_ptr<const MatrixPyramid>> build(int threads) {
        MatrixPyramid& pyramid = *m_pyramid;
        MatrixBlocks base = emptyBlocks(ceilDivide(pyramid.rows, pyramid.block), ceilDivide(pyramid.columns, pyramid.block));
        const std::size_t perTask = std::max<std::size_t>(1, kTask / (pyramid.block * pyramid.columns)), tasks = ceilDivide(base.rows, perTask);
        ThreadTeam team(static_cast<int>(std::min<std::size_t>(tasks, static_cast<std::size_t>(threads > 0 ? threads : usableProcessors()))));
        SINKSCOPE_CHECK(team.run(tasks, [&](std::size_t task, int worker) {
            for (std::size_t row = task * perTask; row < std::min(base.rows, (task + 1) * perTask) && !m_context.cancelled(); ++row)
                readBlockRow(row, base);
            const std::size_t done = ++m_done;
            if (worker == 0)
                m_context.progress(0.99 * static_cast<double>(done) / static_cast<double>(tasks), m_tensor.name);
        }, m_context));
        SINKSCOPE_CHECK(m_context.checkpoint());
        if (m_tensor.file)
            m_tensor.file->release(m_tensor.bytes);
        finish();
        pyramid.levels.push_back(std::move(base));
        while (std::max(pyramid.levels.back().rows, pyramid.levels.back().columns) > kSmallestLevel)
            addLevel();
        m_context.progress(1.0, m_tensor.name);
        return std::shared_ptr<const MatrixPyramid>(m_pyramid);
    }

private:
    void readBlockRow(std::size_t blockRow, MatrixBlocks& base) {
        const MatrixPyramid& pyramid = *m_pyramid;
        const std::size_t first = blockRow * pyramid.block, end = std::min(pyramid.rows, first + pyramid.block);
        const std::size_t step = std::max(kChunk, pyramid.block); // a power of two, as the side of a block is
        std::vector<float> values(std::min(step, pyramid.columns));
        double sum = 0, squares = 0;
        std::uint64_t finite = 0, broken = 0;
        double least = std::numeric_limits<double>::infinity(), most = -least;
        for (std::size_t column = 0; column < pyramid.columns; column += step) {
            const std::size_t width = std::min(step, pyramid.columns - column);
            ColumnExtremes extremes(width);
            for (std::size_t row = first; row < end; ++row) {
                convertToFloat(m_tensor, row * pyramid.columns + column, std::span(values).first(width));
                extremes.add(std::span(values).first(width));
            }
            for (std::size_t at = 0; at < width; at += pyramid.block) {
                const auto block = extremes.block(at, std::min(pyramid.block, width - at));
                store(base, blockRow * base.columns + (column + at) / pyramid.block, block);
                sum += block.sum;
                squares += block.squares;
                finite += block.finite;
                broken += block.broken;
                least = std::min(least, static_cast<double>(block.minimum));
                most = std::max(most, static_cast<double>(block.maximum));
            }
        }
        const std::lock_guard lock(m_mutex);
        m_sum += sum;
        m_squares += squares;
        m_least = std::min(m_least, least);
        m_most = std::max(m_most, most);
        m_pyramid->finite += finite;
        m_pyramid->broken += broken;
    }

    void finish() {
        MatrixPyramid& pyramid = *m_pyramid;
        if (pyramid.finite == 0)
            return;
        pyramid.minimum = m_least;
        pyramid.maximum = m_most;
        pyramid.mean = m_sum / static_cast<double>(pyramid.finite);
        pyramid.deviation = std::sqrt(std::max(0.0, m_squares / static_cast<double>(pyramid.finite) - pyramid.mean * pyramid.mean));
    }

    void addLevel() {
        const MatrixBlocks& below = m_pyramid->levels.back();
        MatrixBlocks level = emptyBlocks(ceilDivide(below.rows, 2), ceilDivide(below.columns, 2));
        const Reduction reduction{below, 0, 0, 2, 2};
        for (std::size_t row = 0; row < level.rows; ++row)
            for (std::size_t column = 0; column < level.columns; ++column)
                reduction.store(level, row, column);
        m_pyramid->levels.push_back(std::move(level));
    }

    const TensorInfo& m_tensor;
    JobContext& m_context;
    std::shared_ptr<MatrixPyramid> m_pyramid;
    std::atomic<std::size_t> m_done{0};
    std::mutex m_mutex; ///< guards what follows, and the counts of the pyramid
    double m_sum = 0, m_squares = 0;
    double m_least = std::numeric_limits<double>::infinity(), m_most = -std::numeric_limits<double>::infinity();
};

/// Elements of the tensor, for what is finer than the pyramid.
Result<MatrixBlocks> readElements(const TensorInfo& tensor, const MatrixPyramid& pyramid, const MatrixWindow& window, MatrixBlocks blocks, JobContext& context) {
    const std::size_t firstRow = window.row / window.blockRows * window.blockRows, firstColumn = window.column / window.blockColumns * window.blockColumns;
    const std::size_t width = std::min(pyramid.columns, window.column + window.columns) - firstColumn;
    std::vector<float> values(width);
    ColumnExtremes extremes(width);
    for (std::size_t blockRow = 0; blockRow < blocks.rows; ++blockRow) {
        SINKSCOPE_CHECK(context.checkpoint());
        extremes.clear();
        const std::size_t begin = firstRow + blockRow * window.blockRows, end = std::min(pyramid.rows, begin + window.blockRows);
        for (std::size_t row = begin; row < end; ++row) {
            convertToFloat(tensor, row * pyramid.columns + firstColumn, values);
            extremes.add(values);
        }
        for (std::size_t column = 0; column < blocks.columns; ++column) {
            const std::size_t at = column * window.blockColumns;
            store(blocks, blockRow * blocks.columns + column, extremes.block(at, std::min(window.blockColumns, width - at)));
        }
    }
    return blocks;
}

} // namespace

std::pair<std::size_t, std::size_t> matrixShape(const TensorInfo& tensor) {
    if (tensor.shape.empty())
        return {1, 1};
    const auto columns = static_cast<std::size_t>(tensor.shape.back());
    return {columns == 0 ? 0 : elementCount(tensor) / columns, columns};
}

Result<std::shared_ptr<const MatrixPyramid>> buildMatrixPyramid(const TensorInfo& tensor, JobContext& context, int threads) {
    if (elementCount(tensor) == 0)
        return Error{ErrorCode::InvalidArgument, "\"" + tensor.name + "\" is empty", {}};
    SINKSCOPE_CHECK(checkHasValues(tensor));
    return PyramidBuilder(tensor, context).build(threads);
}

Result<MatrixBlocks> readMatrixWindow(const TensorInfo& tensor, const MatrixPyramid& pyramid, const MatrixWindow& window, JobContext& context) {
    SINKSCOPE_ASSERT(window.rows > 0 && window.columns > 0 && window.row + window.rows <= pyramid.rows && window.column + window.columns <= pyramid.columns);
    const std::size_t firstRow = window.row / window.blockRows, firstColumn = window.column / window.blockColumns;
    MatrixBlocks blocks = emptyBlocks(ceilDivide(window.row + window.rows, window.blockRows) - firstRow,
                                      ceilDivide(window.column + window.columns, window.blockColumns) - firstColumn);
    const std::size_t finest = std::min(window.blockRows, window.blockColumns);
    if (finest < pyramid.block)
        return readElements(tensor, pyramid, window, std::move(blocks), context);
    std::size_t level = 0;
    while (level + 1 < pyramid.levels.size() && (pyramid.block << (level + 1)) <= finest)
        ++level;
    const std::size_t side = pyramid.block << level, factorRows = window.blockRows / side, factorColumns = window.blockColumns / side;
    const Reduction reduction{pyramid.levels[level], firstRow * factorRows, firstColumn * factorColumns, factorRows, factorColumns};
    for (std::size_t row = 0; row < blocks.rows; ++row) {
        SINKSCOPE_CHECK(context.checkpoint());
        for (std::size_t column = 0; column < blocks.columns; ++column)
            reduction.store(blocks, row, column);
    }
    return blocks;
}

} // namespace sinkscope
