// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/inspect/matrix_pyramid.h"
#include "views/paint/diverging_scale.h"

#include <QImage>

#include <functional>
#include <memory>

namespace sinkscope {

/// What a pixel shows of the elements that it stands for.
enum class BlockValue { Strongest, Mean, Minimum, Maximum };
inline constexpr BlockValue kBlockValues[] = {BlockValue::Strongest, BlockValue::Mean, BlockValue::Minimum, BlockValue::Maximum};
QString titleOf(BlockValue value);
/// Of one block; NaN when nothing in it is finite. Strongest: the one of minimum and maximum that is farther from zero.
float valueOf(const MatrixBlocks& blocks, std::size_t at, BlockValue value);

/// How far the colours reach. Deviations: four of them around zero, so that single outliers do not make everything pale.
enum class DivergingRange { Whole, Deviations, Root };
inline constexpr DivergingRange kDivergingRanges[] = {DivergingRange::Deviations, DivergingRange::Whole, DivergingRange::Root};
QString titleOf(DivergingRange range);
DivergingScale scaleFor(const MatrixPyramid& pyramid, DivergingRange range);

/// A part of a matrix as it is seen, with the numbers behind it.
struct WeightPicture {
    MatrixWindow window;
    MatrixBlocks blocks;
    QImage image; ///< a pixel for each block
    [[nodiscard]] std::size_t firstRow() const { return window.row / window.blockRows * window.blockRows; }
    [[nodiscard]] std::size_t firstColumn() const { return window.column / window.blockColumns * window.blockColumns; }
    /// Single elements.
    [[nodiscard]] bool isExact() const { return window.blockRows == 1 && window.blockColumns == 1; }
    /// Block that an element lies in; nothing outside.
    [[nodiscard]] std::optional<std::size_t> blockAt(std::size_t row, std::size_t column) const;
};
/// Colours the blocks. Thread: any.
QImage paintBlocks(const MatrixBlocks& blocks, BlockValue value, const DivergingScale& scale, const std::vector<QRgb>& table);

/// Which part of the matrix is shown where; an element is `cell` large, in painter units, and may be longer one way than the other.
struct WeightMapView {
    QRectF plot, bar;
    QPointF origin; ///< (column, row) at the top left
    QSizeF cell{1, 1};
    [[nodiscard]] double xOf(double column) const { return plot.left() + (column - origin.x()) * cell.width(); }
    [[nodiscard]] double yOf(double row) const { return plot.top() + (row - origin.y()) * cell.height(); }
    [[nodiscard]] double columnAt(double x) const { return origin.x() + (x - plot.left()) / cell.width(); }
    [[nodiscard]] double rowAt(double y) const { return origin.y() + (y - plot.top()) / cell.height(); }
};

struct WeightMapContent {
    std::size_t rows = 0, columns = 0;
    std::shared_ptr<const WeightPicture> picture; ///< null until something has been read
    DivergingScale scale;
    BlockValue value = BlockValue::Strongest;
    bool hasBroken = false;
    QString barTitle;
    std::function<QString(std::size_t row)> rowLabel; ///< tokens of an embedding; may be empty
    qint64 selectedRow = -1, selectedColumn = -1;
};

/// Room for the axes and the bar. `zoom` 1 shows everything, filling the plot both ways.
WeightMapView layoutWeightMap(const QRectF& area, const WeightMapContent& content, const QFont& font, const QPaintDevice* device, QSizeF zoom, QPointF origin);
void paintWeightMap(QPainter& painter, const WeightMapContent& content, const WeightMapView& view, const QFont& font, const Theme& theme);

} // namespace sinkscope
