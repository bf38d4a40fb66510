// SPDX-License-Identifier: Apache-2.0
#include "core/nn/linear.h"

#include "core/nn/pass_layout.h"

#include <algorithm>
#include <future>

namespace sinkscope {

Result<MatrixView> LinearRunner::rounded(const MatrixView& input) {
    BrainFloat* to = brainFloats(m_input, input.rows * input.columns);
    SINKSCOPE_CHECK(m_team.run((input.rows + kTileRows - 1) / kTileRows, [&](std::size_t index, int) {
        const std::size_t row = index * kTileRows, count = std::min(kTileRows, input.rows - row) * input.columns;
        toBrainFloat(input.data + row * input.columns, count, to + row * input.columns);
    }, m_context));
    return MatrixView{nullptr, input.rows, input.columns, input.columns, 1, to};
}

Result<void> LinearRunner::run(const MatrixView& given, const MatrixView& weight, std::size_t granule, const TileSink& sink) {
    const auto start = std::chrono::steady_clock::now();
    MatrixView input = given;
    if (weight.brain) {
        SINKSCOPE_TRY(input, rounded(given));
    }
    const auto done = m_device ? runOnDevice(input, weight, granule, sink) : runOnProcessor(input, weight, granule, sink);
    if (done)
        m_meter.addProducts(2.0 * static_cast<double>(input.rows) * static_cast<double>(input.columns) * static_cast<double>(weight.columns),
                            std::chrono::steady_clock::now() - start);
    return done;
}

Result<void> LinearRunner::runOnProcessor(const MatrixView& input, const MatrixView& weight, std::size_t granule, const TileSink& sink) {
    const std::size_t width = tileColumns(input.rows, input.columns, weight.columns, granule);
    const std::size_t rowTasks = (input.rows + kTileRows - 1) / kTileRows, columnTasks = (weight.columns + width - 1) / width;
    const auto oneTile = [&](std::size_t index, int worker) {
        // Neighbours in time share the weights, which are the larger part.
        const std::size_t row = index % rowTasks * kTileRows, column = index / rowTasks * width;
        Tile tile{row, std::min(kTileRows, input.rows - row), column, std::min(width, weight.columns - column), nullptr};
        const std::size_t count = tile.rows * tile.columns;
        tile.data = m_scratch[static_cast<std::size_t>(worker)].reserve(count + (weight.brain ? floatsFor(count) : 0));
        const MatrixView rows = input.rowPart(row, tile.rows), columns = weight.columnPart(column, tile.columns);
        if (weight.brain) {
            const auto product = reinterpret_cast<BrainFloat*>(tile.data + count);
            multiplyBrain(rows, columns, product);
            fromBrainFloat(product, count, tile.data);
        } else {
            multiply(rows, columns, 1.0f, tile.data, tile.columns);
        }
        sink(tile);
    };
    return m_team.run(rowTasks * columnTasks, oneTile, m_context);
}

Result<void> LinearRunner::runOnDevice(const MatrixView& input, const MatrixView& weight, std::size_t granule, const TileSink& sink) {
    const std::size_t width = tileColumns(input.rows, input.columns, weight.columns, granule), columnTasks = (weight.columns + width - 1) / width;
    const std::size_t most = std::min(input.rows, m_device->rowsAtOnce(weight.columns));
    m_device->setWeight(weight);
    const auto piece = [&](std::size_t first) { return m_device->multiply(input.rowPart(first, std::min(most, input.rows - first))); };
    std::future<MatrixView> coming = std::async(std::launch::deferred, piece, 0); // at once and on this thread
    for (std::size_t first = 0; first < input.rows; first += most) {
        const MatrixView product = coming.get();
        SINKSCOPE_CHECK(m_context.checkpoint());
        if (first + most < input.rows)
            coming = std::async(std::launch::async, [&piece, next = first + most] { // while the team uses this one
                computeOnOneThread();                                              // it waits for the device more than it computes
                return piece(next);
            });
        const auto oneTile = [&](std::size_t index, int worker) {
            const std::size_t row = index / columnTasks * kTileRows, column = index % columnTasks * width;
            Tile tile{first + row, std::min(kTileRows, product.rows - row), column, std::min(width, weight.columns - column), nullptr};
            tile.data = m_scratch[static_cast<std::size_t>(worker)].reserve(tile.rows * tile.columns);
            const MatrixView part = product.rowPart(row, tile.rows).columnPart(column, tile.columns);
            for (std::size_t r = 0; r < tile.rows; ++r)
                if (part.brain)
                    fromBrainFloat(part.brain + r * part.rowStride, tile.columns, tile.at(r));
                else
                    std::copy_n(part.data + r * part.rowStride, tile.columns, tile.at(r));
            sink(tile);
        };
        SINKSCOPE_CHECK(m_team.run((product.rows + kTileRows - 1) / kTileRows * columnTasks, oneTile, m_context));
    }
    return {};
}

} // namespace sinkscope
