// SPDX-License-Identifier: Apache-2.0
#include "views/paint/heads_grid.h"

#include "views/models/text_format.h"

#include <algorithm>
#include <cmath>

namespace sinkscope {

GridMetrics GridMetrics::fitting(double width, int heads, double smallest, double largest, const QFont& font, const QPaintDevice* device) {
    const double line = QFontMetricsF(font, const_cast<QPaintDevice*>(device)).height();
    GridMetrics metrics;
    metrics.rowLabel = line * 2.1;
    metrics.columnLabel = line * 1.35;
    metrics.caption = line * 1.1;
    metrics.gap = line * 0.45;
    const double room = (width - metrics.rowLabel - metrics.gap) / std::max(heads, 1) - metrics.gap;
    metrics.cell = std::clamp(room, smallest, largest);
    return metrics;
}

std::pair<double, double> metricRange(const MetricSpec& metric, double low, double high) {
    return metric.high > metric.low ? std::pair(metric.low, metric.high) : std::pair(low, high);
}

ColorScale metricScale(const MetricSpec& metric, double lowest, double highest) {
    const auto [low, high] = metricRange(metric, lowest, highest);
    return {.kind = ScaleKind::Linear, .low = low, .high = high > low ? high : low + std::max(std::abs(low) * 0.01, 1e-6), .percent = metric.percent};
}

double metricUnit(const MetricSpec& metric, double value, double lowest, double highest) {
    const auto [low, high] = metricRange(metric, lowest, highest);
    return high > low ? std::clamp((value - low) / (high - low), 0.0, 1.0) : 0.0;
}

void paintHeadCell(QPainter& painter, const QRectF& area, const HeadCell& cell, const MetricSpec& metric, double caption, const QFont& font,
                   const Theme& theme) {
    const double line = caption / 14;
    if (cell.thumbnail.isNull()) {
        painter.setPen(QPen(theme.border, line, Qt::DashLine));
        painter.setBrush(Qt::NoBrush);
        painter.drawRect(area);
        return;
    }
    painter.fillRect(area, theme.panel);
    painter.setRenderHint(QPainter::SmoothPixmapTransform, false);
    painter.drawImage(area, cell.thumbnail);
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(cell.value ? sequentialColor("viridis", cell.unit) : theme.border, 1.8 * line, Qt::SolidLine, Qt::SquareCap, Qt::MiterJoin));
    painter.drawRect(area);
    if (cell.selected) {
        painter.setPen(QPen(theme.focusFrame, 2.6 * line, Qt::SolidLine, Qt::SquareCap, Qt::MiterJoin));
        painter.drawRect(area.adjusted(-2.2 * line, -2.2 * line, 2.2 * line, 2.2 * line));
    }
    if (caption < area.width()) { // a caption wider than its head would run into the next
        painter.setPen(theme.mutedText);
        painter.setFont(font);
        painter.drawText(QRectF(area.left(), area.bottom() + 1.5 * line, area.width() + 4 * line, caption), Qt::AlignLeft | Qt::AlignTop | Qt::TextSingleLine,
                         metricText(metric, cell.value));
    }
}

} // namespace sinkscope
