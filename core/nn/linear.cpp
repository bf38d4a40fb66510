// SPDX-License-Identifier: Apache-2.0
#include "core/nn/linear.h"

#include "core/nn/pass_layout.h"

#include <algorithm>

namespace sinkscope {

Result<void> LinearRunner::run(const MatrixView& input, const MatrixView& weight, std::size_t granule, const TileSink& sink) {
    const std::size_t width = tileColumns(input.rows, input.columns, weight.columns, granule);
    const std::size_t rowTasks = (input.rows + kTileRows - 1) / kTileRows, columnTasks = (weight.columns + width - 1) / width;
    return m_team.run(rowTasks * columnTasks,
                      [&](std::size_t index, int worker) {
                          // Neighbours in time share the weights, which are the larger part.
                          const std::size_t row = index % rowTasks * kTileRows, column = index / rowTasks * width;
                          Tile tile{row, std::min(kTileRows, input.rows - row), column, std::min(width, weight.columns - column), nullptr};
                          tile.data = m_scratch[static_cast<std::size_t>(worker)].reserve(tile.rows * tile.columns);
                          multiply(input.rowPart(row, tile.rows), weight.columnPart(column, tile.columns), 1.0f, tile.data,
                                   tile.columns);
                          sink(tile);
                      },
                      m_context);
}

} // namespace sinkscope
