// SPDX-License-Identifier: Apache-2.0
#include "views/paint/weight_map.h"

#include "views/models/text_format.h"
#include "views/paint/plot_axes.h"

#include <QCoreApplication>
#include <QFontMetricsF>

#include <algorithm>
#include <cmath>

namespace sinkscope {
namespace {

QString translated(const char* text) { return QCoreApplication::translate("Views", text); }

constexpr double kLabelLimit = 96;    ///< of a row's label, pixels
constexpr qint64 kSparsestLabels = 8; ///< rows from one label to the next

double marginOf(const WeightMapContent& content, const QFont& font, const QPaintDevice* device) {
    const QFontMetricsF metrics(font, device);
    const double numbers = metrics.horizontalAdvance(groupedDigits(static_cast<qint64>(content.rows)));
    return (content.rowLabel ? std::max(numbers, kLabelLimit) : numbers) + 12;
}

/// The visible elements of one axis.
std::pair<qint64, qint64> seen(double origin, double extent, std::size_t count) {
    const auto last = static_cast<qint64>(count) - 1;
    return {std::clamp(static_cast<qint64>(std::floor(origin)), qint64(0), last), std::clamp(static_cast<qint64>(std::ceil(origin + extent)) - 1, qint64(0), last)};
}

void paintRowAxis(QPainter& painter, const WeightMapContent& content, const WeightMapView& view, const QFont& font, const Theme& theme) {
    const QFontMetricsF metrics(font, painter.device());
    const auto [first, last] = seen(view.origin.y(), view.plot.height() / view.cell.height(), content.rows);
    painter.setPen(theme.mutedText);
    const double right = view.plot.left() - 6;
    const auto write = [&](qint64 row, const QString& text) {
        const double y = std::clamp(view.yOf(static_cast<double>(row) + 0.5), view.plot.top() + metrics.height() / 2, view.plot.bottom() - metrics.height() / 2);
        painter.drawText(QRectF(right - 400, y - metrics.height() / 2, 400, metrics.height()), Qt::AlignRight | Qt::AlignVCenter, text);
    };
    // Tokens while there is one for every few rows: from afar they would say nothing.
    const auto step = std::max<qint64>(1, static_cast<qint64>(std::ceil(metrics.height() / view.cell.height())));
    if (content.rowLabel && step <= kSparsestLabels) {
        for (qint64 row = (first + step - 1) / step * step; row <= last; row += step)
            write(row, metrics.elidedText(content.rowLabel(static_cast<std::size_t>(row)), Qt::ElideRight, kLabelLimit));
        return;
    }
    const int most = std::max(2, static_cast<int>(view.plot.height() / (metrics.height() * 3)));
    for (const double value : ticksWithin(static_cast<double>(first), static_cast<double>(last), most).values)
        if (value == std::floor(value) && view.yOf(value + 0.5) >= view.plot.top() && view.yOf(value + 0.5) <= view.plot.bottom()) {
            write(static_cast<qint64>(value), groupedDigits(static_cast<qint64>(value)));
            painter.drawLine(QPointF(view.plot.left() - 3, view.yOf(value + 0.5)), QPointF(view.plot.left(), view.yOf(value + 0.5)));
        }
}

void paintColumnAxis(QPainter& painter, const WeightMapContent& content, const WeightMapView& view, const QFont& font, const Theme& theme) {
    const QFontMetricsF metrics(font, painter.device());
    const auto [first, last] = seen(view.origin.x(), view.plot.width() / view.cell.width(), content.columns);
    painter.setPen(theme.mutedText);
    const double wide = metrics.horizontalAdvance(groupedDigits(static_cast<qint64>(content.columns)));
    const int most = std::max(2, static_cast<int>(view.plot.width() / (wide * 2.4 + 12)));
    double free = -1e9;
    for (const double value : ticksWithin(static_cast<double>(first), static_cast<double>(last), most).values) {
        if (value != std::floor(value))
            continue;
        const QString text = groupedDigits(static_cast<qint64>(value));
        const double width = metrics.horizontalAdvance(text), x = view.xOf(value + 0.5);
        if (x < view.plot.left() || x > view.plot.right())
            continue;
        const double left = std::clamp(x - width / 2, view.plot.left(), std::max(view.plot.left(), view.plot.right() - width));
        if (left < free)
            continue;
        painter.drawText(QPointF(left, view.plot.bottom() + 4 + metrics.ascent()), text);
        painter.drawLine(QPointF(x, view.plot.bottom()), QPointF(x, view.plot.bottom() + 3));
        free = left + width + 6;
    }
}

/// The numbers themselves, once cells are large enough to hold them.
void paintNumbers(QPainter& painter, const WeightMapContent& content, const WeightMapView& view, const QFont& font, const std::vector<QRgb>& table) {
    const QFontMetricsF metrics(font, painter.device());
    const bool isLarge = view.cell.width() >= metrics.horizontalAdvance(QStringLiteral("-0.0000")) * 1.15 && view.cell.height() >= metrics.height() * 0.95;
    if (!isLarge || !content.picture->isExact())
        return;
    const auto [firstRow, lastRow] = seen(view.origin.y(), view.plot.height() / view.cell.height(), content.rows);
    const auto [firstColumn, lastColumn] = seen(view.origin.x(), view.plot.width() / view.cell.width(), content.columns);
    for (qint64 row = firstRow; row <= lastRow; ++row)
        for (qint64 column = firstColumn; column <= lastColumn; ++column) {
            const auto at = content.picture->blockAt(static_cast<std::size_t>(row), static_cast<std::size_t>(column));
            if (!at)
                continue;
            const float value = content.picture->blocks.mean[*at];
            const QRgb color = std::isnan(value) ? brokenColor() : divergingColor(table, content.scale, static_cast<double>(value));
            painter.setPen(qGray(color) > 140 ? QColor(20, 24, 32) : QColor(245, 247, 250));
            painter.drawText(QRectF(view.xOf(static_cast<double>(column)), view.yOf(static_cast<double>(row)), view.cell.width(), view.cell.height()), Qt::AlignCenter,
                             std::isnan(value) ? QStringLiteral("NaN") : numberText(static_cast<double>(value)));
        }
}

void paintSelection(QPainter& painter, const WeightMapContent& content, const WeightMapView& view, const Theme& theme) {
    if (content.selectedRow < 0 || content.selectedColumn < 0)
        return;
    const double x = view.xOf(static_cast<double>(content.selectedColumn)), y = view.yOf(static_cast<double>(content.selectedRow));
    const double width = std::max(view.cell.width(), 7.0), height = std::max(view.cell.height(), 7.0);
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(theme.focusFrame, 1.6));
    painter.drawRect(QRectF(x + (view.cell.width() - width) / 2, y + (view.cell.height() - height) / 2, width, height));
}

} // namespace

QString titleOf(BlockValue value) {
    switch (value) {
    case BlockValue::Strongest: return translated("Strongest");
    case BlockValue::Mean: return translated("Mean");
    case BlockValue::Minimum: return translated("Minimum");
    case BlockValue::Maximum: return translated("Maximum");
    }
    return {};
}

QString titleOf(DivergingRange range) {
    switch (range) {
    case DivergingRange::Whole: return translated("Whole range");
    case DivergingRange::Deviations: return translated("±4 rms");
    case DivergingRange::Root: return translated("Root 0.4");
    }
    return {};
}

float valueOf(const MatrixBlocks& blocks, std::size_t at, BlockValue value) {
    switch (value) {
    case BlockValue::Strongest: return -blocks.minimum[at] > blocks.maximum[at] ? blocks.minimum[at] : blocks.maximum[at];
    case BlockValue::Mean: return blocks.mean[at];
    case BlockValue::Minimum: return blocks.minimum[at];
    case BlockValue::Maximum: return blocks.maximum[at];
    }
    return 0;
}

DivergingScale scaleFor(const MatrixPyramid& pyramid, DivergingRange range) {
    const double whole = std::max(std::abs(pyramid.minimum), std::abs(pyramid.maximum));
    // Around zero, so that norms, which lie around one, are not clipped.
    const double usual = 4 * std::sqrt(pyramid.deviation * pyramid.deviation + pyramid.mean * pyramid.mean);
    DivergingScale scale;
    scale.isRoot = range == DivergingRange::Root;
    scale.limit = range == DivergingRange::Deviations && std::isfinite(usual) ? std::min(whole, usual) : whole;
    scale.isClipped = scale.limit < whole;
    if (!(scale.limit > 0))
        scale.limit = 1; // nothing but zeros
    return scale;
}

std::optional<std::size_t> WeightPicture::blockAt(std::size_t row, std::size_t column) const {
    if (row < firstRow() || column < firstColumn())
        return std::nullopt;
    const std::size_t r = (row - firstRow()) / window.blockRows, c = (column - firstColumn()) / window.blockColumns;
    return r < blocks.rows && c < blocks.columns ? std::optional(r * blocks.columns + c) : std::nullopt;
}

QImage paintBlocks(const MatrixBlocks& blocks, BlockValue value, const DivergingScale& scale, const std::vector<QRgb>& table) {
    QImage image(static_cast<int>(blocks.columns), static_cast<int>(blocks.rows), QImage::Format_RGB32);
    for (std::size_t row = 0; row < blocks.rows && !image.isNull(); ++row) {
        auto* out = reinterpret_cast<QRgb*>(image.scanLine(static_cast<int>(row)));
        for (std::size_t column = 0; column < blocks.columns; ++column) {
            const std::size_t at = row * blocks.columns + column;
            out[column] = blocks.broken[at] ? brokenColor() : divergingColor(table, scale, static_cast<double>(valueOf(blocks, at, value)));
        }
    }
    return image;
}

WeightMapView layoutWeightMap(const QRectF& area, const WeightMapContent& content, const QFont& font, const QPaintDevice* device, QSizeF zoom, QPointF origin) {
    const QFontMetricsF metrics(font, device);
    WeightMapView view;
    const double bar = divergingBarHeight(font, device), axis = metrics.height() + 8;
    const QPointF corner(area.left() + marginOf(content, font, device), area.top() + 4);
    view.plot = QRectF(corner, QSizeF(std::max(40.0, area.right() - 8 - corner.x()), std::max(40.0, area.bottom() - bar - axis - 6 - corner.y())));
    view.bar = QRectF(view.plot.left(), view.plot.bottom() + axis + 2, view.plot.width(), bar);
    const auto columns = static_cast<double>(std::max<std::size_t>(content.columns, 1)), rows = static_cast<double>(std::max<std::size_t>(content.rows, 1));
    view.cell = QSizeF(view.plot.width() / columns * zoom.width(), view.plot.height() / rows * zoom.height());
    view.origin = QPointF(std::clamp(origin.x(), 0.0, std::max(0.0, columns - view.plot.width() / view.cell.width())),
                          std::clamp(origin.y(), 0.0, std::max(0.0, rows - view.plot.height() / view.cell.height())));
    return view;
}

void paintWeightMap(QPainter& painter, const WeightMapContent& content, const WeightMapView& view, const QFont& font, const Theme& theme) {
    const std::vector<QRgb> table = divergingTable(theme);
    painter.save();
    painter.setFont(font);
    painter.setRenderHint(QPainter::Antialiasing, false);
    painter.setRenderHint(QPainter::SmoothPixmapTransform, false);
    painter.fillRect(view.plot, theme.chip);
    if (content.picture && !content.picture->image.isNull()) {
        const WeightPicture& picture = *content.picture;
        const auto row = static_cast<double>(picture.firstRow()), column = static_cast<double>(picture.firstColumn());
        const QRectF target(view.xOf(column), view.yOf(row), static_cast<double>(picture.blocks.columns * picture.window.blockColumns) * view.cell.width(),
                            static_cast<double>(picture.blocks.rows * picture.window.blockRows) * view.cell.height());
        painter.save();
        // The last blocks may reach beyond the matrix.
        const QRectF matrix(QPointF(view.xOf(0), view.yOf(0)), QPointF(view.xOf(static_cast<double>(content.columns)), view.yOf(static_cast<double>(content.rows))));
        painter.setClipRect(view.plot & matrix);
        painter.drawImage(target, picture.image);
        paintNumbers(painter, content, view, font, table);
        painter.setRenderHint(QPainter::Antialiasing);
        paintSelection(painter, content, view, theme);
        painter.restore();
    }
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(theme.border, 1));
    painter.drawRect(view.plot);
    paintRowAxis(painter, content, view, font, theme);
    paintColumnAxis(painter, content, view, font, theme);
    paintDivergingBar(painter, view.bar, content.scale, table, content.barTitle, content.hasBroken, font, theme);
    painter.restore();
}

} // namespace sinkscope
