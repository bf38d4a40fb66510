// SPDX-License-Identifier: Apache-2.0
#include "views/paint/forest_plot.h"

#include "views/models/text_format.h"

#include <QFontMetricsF>

#include <algorithm>
#include <cmath>

namespace sinkscope {
namespace {

double rowHeight(bool isControl, const QFont& font) { return QFontMetricsF(font).height() * (isControl ? 1.15 : 1.7); }

/// Also of values that are negative, with a proper minus.
QString signedText(double value) {
    QString text = numberText(std::abs(value));
    return value < 0 ? QChar(0x2212) + text : text;
}

ValueTicks rangeOf(const ForestPlot& plot) {
    double low = 0, high = 0;
    for (const ForestRow& row : plot.rows)
        if (row.estimate) {
            low = std::min({low, row.estimate->low, row.estimate->value});
            high = std::max({high, row.estimate->high, row.estimate->value});
        }
    return high - low > 1e-12 ? niceTicks(low, high, 5) : niceTicks(-1, 1, 3);
}

void paintEstimate(QPainter& painter, const ForestLayout& layout, const ForestRow& row, double y, const Theme& theme) {
    const Estimate& estimate = *row.estimate;
    const QColor color = row.isControl ? theme.mutedText : theme.accent;
    const double x = layout.axes.toX(estimate.value);
    painter.setPen(QPen(color, row.isControl ? 1.2 : 2.0, Qt::SolidLine, Qt::FlatCap));
    if (estimate.high > estimate.low) {
        const double low = layout.axes.toX(estimate.low), high = layout.axes.toX(estimate.high), cap = row.isControl ? 2.5 : 4;
        painter.drawLine(QPointF(low, y), QPointF(high, y));
        for (const double end : {low, high})
            painter.drawLine(QPointF(end, y - cap), QPointF(end, y + cap));
    }
    painter.setPen(QPen(color, 1.4));
    painter.setBrush(row.isStrong ? color : theme.panel);
    if (row.isControl)
        painter.drawEllipse(QPointF(x, y), 2.8, 2.8);
    else
        painter.drawRect(QRectF(x - 4, y - 4, 8, 8));
}

} // namespace

QString estimateText(const Estimate& estimate) {
    const QString value = signedText(estimate.value);
    return estimate.high > estimate.low ? QStringLiteral("%1 (%2 to %3)").arg(value, signedText(estimate.low), signedText(estimate.high)) : value;
}

double forestHeight(const ForestPlot& plot, const QFont& font) {
    double height = 12 + xAxisHeight(font);
    for (const ForestRow& row : plot.rows)
        height += rowHeight(row.isControl, font);
    return height;
}

ForestLayout layoutForest(const QRectF& area, const ForestPlot& plot, const QFont& font) {
    ForestLayout layout;
    QFont strong = font;
    strong.setWeight(QFont::DemiBold);
    const QFontMetricsF metrics(font), strongMetrics(strong);
    double bottom = area.top() + 6;
    for (const ForestRow& row : plot.rows) {
        layout.labelWidth = std::max(layout.labelWidth, (row.isControl ? metrics : strongMetrics).horizontalAdvance(row.label) + (row.isControl ? 14 : 0));
        if (row.estimate)
            layout.numberWidth = std::max(layout.numberWidth, strongMetrics.horizontalAdvance(signedText(row.estimate->value)));
        const double height = rowHeight(row.isControl, font);
        layout.rows.emplace_back(area.left(), bottom, area.width(), height);
        bottom += height;
    }
    layout.labelWidth = std::min(layout.labelWidth, area.width() * 0.48);
    layout.axes.x = rangeOf(plot);
    const double left = area.left() + 12 + layout.labelWidth + 14, right = area.right() - 12 - layout.numberWidth - 14;
    layout.axes.area = QRectF(left, area.top() + 6, std::max(30.0, right - left), bottom - area.top() - 6);
    return layout;
}

void paintForest(QPainter& painter, const ForestLayout& layout, const ForestPlot& plot, const QFont& font, const Theme& theme) {
    painter.save();
    QFont strong = font;
    strong.setWeight(QFont::DemiBold);
    for (std::size_t i = 0; i < plot.rows.size(); ++i)
        if (static_cast<int>(i) == plot.selected)
            painter.fillRect(layout.rows[i], theme.selection);
    paintGrid(painter, layout.axes, true, theme);
    painter.setPen(QPen(theme.mutedText, 1.2));
    painter.drawLine(QPointF(layout.axes.toX(0), layout.axes.area.top()), QPointF(layout.axes.toX(0), layout.axes.area.bottom()));
    for (std::size_t i = 0; i < plot.rows.size(); ++i) {
        const ForestRow& row = plot.rows[i];
        const QRectF& line = layout.rows[i];
        const QFont& used = row.isControl ? font : strong;
        const QFontMetricsF metrics(used, painter.device());
        const double baseline = line.center().y() + metrics.ascent() * 0.36;
        painter.setFont(used);
        painter.setPen(row.isControl ? theme.mutedText : theme.text);
        const double indent = row.isControl ? 14 : 0;
        painter.drawText(QPointF(line.left() + 12 + indent, baseline), metrics.elidedText(row.label, Qt::ElideRight, layout.labelWidth - indent));
        if (row.estimate) {
            paintEstimate(painter, layout, row, line.center().y(), theme);
            const QString text = signedText(row.estimate->value);
            painter.setPen(row.isControl ? theme.mutedText : theme.text);
            painter.drawText(QPointF(line.right() - 12 - metrics.horizontalAdvance(text), baseline), text);
        } else {
            painter.setFont(font);
            const QFontMetricsF plain(font, painter.device());
            const QString text = plain.elidedText(row.note, Qt::ElideRight, line.right() - 12 - layout.axes.area.left());
            paintBackedText(painter, QPointF(layout.axes.area.left() + 4, baseline), text, theme.mutedText, theme);
        }
    }
    paintXTicks(painter, layout.axes, font, theme);
    paintXTitle(painter, layout.axes, plot.title, font, theme);
    painter.restore();
}

int forestRowAt(const ForestLayout& layout, const ForestPlot& plot, QPointF position) {
    for (std::size_t i = 0; i < layout.rows.size(); ++i)
        if (layout.rows[i].contains(position)) {
            while (i > 0 && plot.rows[i].isControl)
                --i;
            return static_cast<int>(i);
        }
    return -1;
}

} // namespace sinkscope
