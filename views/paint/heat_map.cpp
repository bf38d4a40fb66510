// SPDX-License-Identifier: Apache-2.0
#include "views/paint/heat_map.h"

#include "views/models/text_format.h"
#include "views/paint/color_bar.h"

#include <QCoreApplication>

#include <algorithm>
#include <cmath>

namespace sinkscope {
namespace {

constexpr double kPadding = 8;
constexpr double kLabelLimit = 84; ///< of a label along its text, in units of a 9 point font
constexpr std::string_view kColorMap = "viridis";

struct Margins {
    double left, top, bottom, right;
};

double scaleOf(const QFont& font, const QPaintDevice* device) { return QFontMetricsF(font, const_cast<QPaintDevice*>(device)).height() / 14.0; }

Margins marginsOf(const HeatMapContent& content, const QFont& font, const QPaintDevice* device) {
    const double unit = scaleOf(font, device);
    const double longest = content.labelLength;
    const double height = QFontMetricsF(font, const_cast<QPaintDevice*>(device)).height();
    const double angle = kLabelAngle * M_PI / 180;
    return {.left = longest + kPadding * unit,
            .top = longest * std::sin(angle) + height * std::cos(angle) + 4 * unit,
            .bottom = colorBarHeight(font, device) + 14 * unit,
            .right = std::max(longest * std::cos(angle), 12 * unit)};
}

struct CellRange {
    int first, last;
};

CellRange visibleCells(double begin, double extent, int tokens) {
    return {std::clamp(static_cast<int>(begin), 0, std::max(tokens - 1, 0)),
            std::clamp(static_cast<int>(std::ceil(begin + extent)), 0, std::max(tokens - 1, 0))};
}

AxisPlacement placementOf(const MatrixView& view, bool horizontal, int tokens) {
    AxisPlacement placement;
    placement.first = horizontal ? view.plot.left() : view.plot.top();
    placement.last = horizontal ? view.plot.right() : view.plot.bottom();
    placement.positionOf = [view, horizontal](int token) { return horizontal ? view.xOf(token + 0.5) : view.yOf(token + 0.5); };
    const double begin = horizontal ? view.origin.x() : view.origin.y();
    const double extent = (horizontal ? view.plot.width() : view.plot.height()) / view.cell;
    placement.firstToken = visibleCells(begin, extent, tokens).first;
    placement.lastToken = visibleCells(begin, extent, tokens).last;
    placement.step = view.cell;
    return placement;
}

CellRange visibleKeys(const MatrixView& view, int tokens) { return visibleCells(view.origin.x(), view.plot.width() / view.cell, tokens); }
CellRange visibleQueries(const MatrixView& view, int tokens) { return visibleCells(view.origin.y(), view.plot.height() / view.cell, tokens); }

/// One rectangle per cell. Each reaches a little below its right and lower neighbours, which are painted later: viewers that smooth edges
/// would otherwise show seams.
void paintCells(QPainter& painter, const MatrixImage& image, const MatrixView& view, std::span<const QRgb> colors) {
    const double overlap = view.cell * 0.04;
    for (int query = 0; query < image.tokens; ++query) {
        const uchar* row = image.levels.front().constScanLine(query);
        for (int key = 0; key < image.tokens; ++key) {
            if (row[key] == ColorScale::kMasked)
                continue;
            const bool isLast = key + 1 == image.tokens || row[key + 1] == ColorScale::kMasked;
            painter.fillRect(QRectF(view.xOf(key), view.yOf(query), view.cell + (isLast ? 0 : overlap), view.cell), QColor::fromRgb(colors[row[key]]));
        }
    }
}

/// Thin gaps between cells that are large enough to be told apart.
void paintGaps(QPainter& painter, const MatrixView& view, int tokens, double unit, const Theme& theme) {
    if (view.cell < 7 * unit)
        return;
    QColor line = theme.panel;
    line.setAlphaF(0.35F);
    painter.setPen(QPen(line, 0.8 * unit));
    const CellRange keys = visibleKeys(view, tokens), queries = visibleQueries(view, tokens);
    for (int key = keys.first; key <= keys.last + 1; ++key)
        painter.drawLine(QPointF(view.xOf(key), view.yOf(0)), QPointF(view.xOf(key), view.yOf(tokens)));
    for (int query = queries.first; query <= queries.last + 1; ++query)
        painter.drawLine(QPointF(view.xOf(0), view.yOf(query)), QPointF(view.xOf(tokens), view.yOf(query)));
}

/// The numbers themselves, once cells are large enough to hold them.
void paintNumbers(QPainter& painter, const HeatMapContent& content, const MatrixView& view, const QFont& font, std::span<const QRgb> colors) {
    const QFontMetricsF metrics(font, painter.device());
    if (!content.hasValues() || view.cell < metrics.horizontalAdvance(QStringLiteral("0.000")) * 1.25)
        return;
    const int tokens = content.image->tokens;
    const CellRange keys = visibleKeys(view, tokens), queries = visibleQueries(view, tokens);
    painter.setFont(font);
    for (int query = queries.first; query <= queries.last; ++query)
        for (int key = keys.first; key <= keys.last; ++key) {
            const float value = content.isLogits ? content.logitAt(query, key) : content.weightAt(query, key);
            if ((content.isCausal() && key > query) || !std::isfinite(content.logitAt(query, key)))
                continue;
            const uchar index = content.image->scale.toIndex(value);
            painter.setPen(qGray(colors[index]) > 140 ? QColor(20, 24, 32) : QColor(245, 247, 250));
            painter.drawText(QRectF(view.xOf(key), view.yOf(query), view.cell, view.cell), Qt::AlignCenter, numberText(value));
        }
}

/// Bands over the columns of the selected set, with a bar at their foot.
void paintMarked(QPainter& painter, const HeatMapContent& content, const MatrixView& view, double unit, const Theme& theme) {
    const int tokens = content.image->tokens;
    const bool isCausal = content.isCausal();
    QColor fill = theme.accent;
    fill.setAlphaF(0.22F);
    const double step = std::max(view.cell, unit);
    for (const int key : content.keys.marked) {
        if (key >= tokens)
            continue;
        painter.fillRect(QRectF(QPointF(view.xOf(key), view.yOf(isCausal ? key : 0)), QPointF(view.xOf(key) + step, view.yOf(tokens))), fill);
        painter.fillRect(QRectF(view.xOf(key), view.yOf(tokens) - 3 * unit, step, 3 * unit), theme.accent);
    }
}

void paintSelection(QPainter& painter, const HeatMapContent& content, const MatrixView& view, double unit, const Theme& theme) {
    const int tokens = content.image->tokens, key = content.keys.selected, query = content.queries.selected;
    const bool isCausal = content.isCausal();
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(theme.focusFrame, 1.1 * unit));
    const double step = std::max(view.cell, 2 * unit);
    if (key >= 0 && key < tokens)
        painter.drawRect(QRectF(QPointF(view.xOf(key), view.yOf(isCausal ? key : 0)), QPointF(view.xOf(key) + step, view.yOf(tokens))));
    if (query >= 0 && query < tokens)
        painter.drawRect(QRectF(QPointF(view.xOf(0), view.yOf(query)), QPointF(view.xOf(isCausal ? query + 1 : tokens), view.yOf(query) + step)));
    if (key < 0 || query < 0 || key >= tokens || query >= tokens)
        return;
    painter.setPen(QPen(theme.focusFrame, 2.6 * unit));
    painter.drawRect(QRectF(view.xOf(key), view.yOf(query), step, step));
}

void paintSinks(QPainter& painter, const HeatMapContent& content, const MatrixView& view, double unit, const Theme& theme) {
    const bool isCausal = content.isCausal();
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(theme.anchor, 2.0 * unit, Qt::SolidLine, Qt::SquareCap, Qt::MiterJoin));
    for (const int sink : content.sinks)
        painter.drawRect(QRectF(QPointF(view.xOf(sink), view.yOf(isCausal ? sink : 0)), QPointF(view.xOf(sink + 1), view.yOf(content.image->tokens))));
}

/// What the outlines mean, at the right of the bar's title.
void paintSinkMark(QPainter& painter, const QRectF& bar, double unit, const QFont& font, const Theme& theme) {
    const QFontMetricsF metrics(font, painter.device());
    const QString text = QCoreApplication::translate("HeatMap", "sink");
    const double left = bar.right() - metrics.horizontalAdvance(text);
    painter.setFont(font);
    painter.setPen(theme.mutedText);
    painter.drawText(QPointF(left, bar.top() + metrics.ascent()), text);
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(theme.anchor, 2.0 * unit, Qt::SolidLine, Qt::SquareCap, Qt::MiterJoin));
    const double side = metrics.ascent() * 0.62;
    painter.drawRect(QRectF(left - side - 5 * unit, bar.top() + metrics.ascent() - side, side, side));
}

} // namespace

void measureLabels(HeatMapContent& content, const QFont& font) {
    content.labelLength = longestLabel(content.queries, font, nullptr, kLabelLimit * scaleOf(font, nullptr));
}

HeatMapLayout layoutHeatMap(const QRectF& area, const HeatMapContent& content, const QFont& font, const QPaintDevice* device, double zoom,
                            QPointF origin) {
    const Margins margins = marginsOf(content, font, device);
    const double unit = scaleOf(font, device);
    const double side = std::max(20.0, std::min(area.width() - margins.left - margins.right, area.height() - margins.top - margins.bottom));
    const double slack = std::max(0.0, area.width() - margins.left - margins.right - side) / 2;
    HeatMapLayout layout;
    layout.labelWidth = margins.left - 4 * unit;
    layout.labelHeight = margins.top;
    layout.view.plot = QRectF(area.left() + margins.left + slack, area.top() + margins.top, side, side);
    const int tokens = std::max(content.image ? content.image->tokens : 1, 1);
    layout.fittedCell = side / tokens;
    layout.view.cell = layout.fittedCell * std::max(zoom, 1.0);
    const double most = tokens - side / layout.view.cell; // origin at the other end
    layout.view.origin = {std::clamp(origin.x(), 0.0, std::max(most, 0.0)), std::clamp(origin.y(), 0.0, std::max(most, 0.0))};
    layout.bar = QRectF(layout.view.plot.left(), layout.view.plot.bottom() + 12 * unit, side, colorBarHeight(font, device));
    return layout;
}

double heatMapHeight(double width, const HeatMapContent& content, const QFont& font, const QPaintDevice* device) {
    const Margins margins = marginsOf(content, font, device);
    return width - margins.left - margins.right + margins.top + margins.bottom;
}

void paintHeatMap(QPainter& painter, const HeatMapContent& content, const HeatMapLayout& layout, const QFont& font, const Theme& theme,
                  double devicePixelRatio) {
    if (!content.image)
        return;
    static const std::vector<QRgb> colors = indexColors(kColorMap);
    const double unit = scaleOf(font, painter.device());
    const MatrixView& view = layout.view;
    painter.save();
    painter.setClipRect(view.plot.adjusted(-1.4 * unit, -1.4 * unit, 1.4 * unit, 1.4 * unit));
    if (content.asVectors)
        paintCells(painter, *content.image, view, colors);
    else
        paintMatrix(painter, *content.image, view, colors, devicePixelRatio);
    if (!content.asVectors)
        paintGaps(painter, view, content.image->tokens, unit, theme);
    paintNumbers(painter, content, view, font, colors);
    if (content.drawSelection) {
        paintMarked(painter, content, view, unit, theme);
        paintSelection(painter, content, view, unit, theme);
    }
    paintSinks(painter, content, view, unit, theme);
    painter.restore();
    painter.save();
    painter.setFont(font);
    paintLeftLabels(painter, content.queries, placementOf(view, false, content.image->tokens), view.plot.left() - 5 * unit, layout.labelWidth, font, theme);
    const double length = layout.labelHeight / std::sin(kLabelAngle * M_PI / 180);
    paintTopLabels(painter, content.keys, placementOf(view, true, content.image->tokens), view.plot.top() - 4 * unit, length, font, theme);
    paintColorBar(painter, layout.bar, content.image->scale, colors, content.barTitle, font, theme);
    if (!content.sinks.empty() && !content.image->scale.hasOver)
        paintSinkMark(painter, layout.bar, unit, font, theme);
    painter.restore();
}

} // namespace sinkscope
