// SPDX-License-Identifier: Apache-2.0
#include "views/paint/heat_map.h"

#include "views/paint/color_bar.h"

#include <QCoreApplication>

#include <algorithm>
#include <cmath>

namespace sinkscope {
namespace {

constexpr double kPadding = 8;
constexpr double kLabelLimit = 96; ///< of a label along its text, in units of a 9 point font
constexpr std::string_view kColorMap = "viridis";

struct Margins {
    double left, top, bottom, right;
};

double scaleOf(const QFont& font, const QPaintDevice* device) { return QFontMetricsF(font, const_cast<QPaintDevice*>(device)).height() / 14.0; }

Margins marginsOf(const HeatMapContent& content, const QFont& font, const QPaintDevice* device) {
    const double unit = scaleOf(font, device);
    const double longest = longestLabel(content.queries, font, device, kLabelLimit * unit);
    const double height = QFontMetricsF(font, const_cast<QPaintDevice*>(device)).height();
    const double angle = kLabelAngle * M_PI / 180;
    return {.left = longest + kPadding * unit,
            .top = longest * std::sin(angle) + height * std::cos(angle) + 4 * unit,
            .bottom = colorBarHeight(font, device) + 14 * unit,
            .right = std::max(longest * std::cos(angle), 12 * unit)};
}

AxisPlacement placementOf(const MatrixView& view, bool horizontal, int tokens) {
    AxisPlacement placement;
    placement.first = horizontal ? view.plot.left() : view.plot.top();
    placement.last = horizontal ? view.plot.right() : view.plot.bottom();
    placement.positionOf = [view, horizontal](int token) { return horizontal ? view.xOf(token + 0.5) : view.yOf(token + 0.5); };
    const double begin = horizontal ? view.origin.x() : view.origin.y();
    const double extent = (horizontal ? view.plot.width() : view.plot.height()) / view.cell;
    placement.firstToken = std::clamp(static_cast<int>(begin), 0, std::max(tokens - 1, 0));
    placement.lastToken = std::clamp(static_cast<int>(std::ceil(begin + extent)), 0, std::max(tokens - 1, 0));
    placement.step = view.cell;
    return placement;
}

void paintOutlines(QPainter& painter, const HeatMapContent& content, const MatrixView& view, double unit, const Theme& theme) {
    const int tokens = content.image->tokens;
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(theme.anchor, 1.6 * unit));
    for (const int sink : content.sinks) {
        const double top = content.attention && content.attention->causal ? view.yOf(sink) : view.yOf(0);
        painter.drawRect(QRectF(QPointF(view.xOf(sink), top), QPointF(view.xOf(sink + 1), view.yOf(tokens))));
    }
    if (!content.drawSelection)
        return;
    const int key = content.keys.selected, query = content.queries.selected;
    painter.setPen(QPen(theme.focusFrame, 1.2 * unit));
    if (key >= 0)
        painter.drawRect(QRectF(QPointF(view.xOf(key), view.yOf(0)), QPointF(view.xOf(key + 1), view.yOf(tokens))));
    if (query >= 0)
        painter.drawRect(QRectF(QPointF(view.xOf(0), view.yOf(query)), QPointF(view.xOf(tokens), view.yOf(query + 1))));
}

} // namespace

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
    painter.setClipRect(view.plot.adjusted(-unit, -unit, unit, unit));
    paintMatrix(painter, *content.image, view, colors, devicePixelRatio);
    paintOutlines(painter, content, view, unit, theme);
    painter.restore();
    painter.save();
    painter.setFont(font);
    paintLeftLabels(painter, content.queries, placementOf(view, false, content.image->tokens), view.plot.left() - 5 * unit, layout.labelWidth, font, theme);
    const double length = layout.labelHeight / std::sin(kLabelAngle * M_PI / 180);
    paintTopLabels(painter, content.keys, placementOf(view, true, content.image->tokens), view.plot.top() - 4 * unit, length, font, theme);
    paintColorBar(painter, layout.bar, content.image->scale, sequentialTable(kColorMap), content.barTitle, font, theme);
    painter.restore();
}

Result<std::shared_ptr<const MatrixImage>> heatMapImage(const HeadAttention& attention, const HeatMapRequest& request, JobContext& context) {
    ScaleRequest scale;
    scale.kind = request.logits && request.scale == ScaleKind::Log ? ScaleKind::Linear : request.scale;
    scale.logits = request.logits;
    scale.causal = attention.causal;
    scale.sinks = request.sinks;
    return makeMatrixImage(request.logits ? attention.logits : attention.weights, attention.tokens, scale, context);
}

QString heatMapBarTitle(const HeatMapRequest& request) {
    if (request.logits)
        return QCoreApplication::translate("HeatMap", "attention logit");
    return QCoreApplication::translate("HeatMap", "attention weight (%1)").arg(titleOf(request.scale).toLower());
}

} // namespace sinkscope
