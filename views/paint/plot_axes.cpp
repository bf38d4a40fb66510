// SPDX-License-Identifier: Apache-2.0
#include "views/paint/plot_axes.h"

#include <QFontMetricsF>

#include <algorithm>
#include <cmath>

namespace sinkscope {

double PlotAxes::toX(double value) const {
    const double unit = logX ? std::log(std::max(value, x.low * 1e-3) / x.low) / std::log(x.high / x.low) : (value - x.low) / (x.high - x.low);
    return area.left() + unit * area.width();
}

double PlotAxes::fromX(double position) const {
    const double unit = (position - area.left()) / area.width();
    return logX ? x.low * std::pow(x.high / x.low, unit) : x.low + unit * (x.high - x.low);
}

ValueTicks ticksWithin(double low, double high, int most) {
    if (!(high > low))
        high = low + 1.0;
    const ValueTicks nice = niceTicks(low, high, most);
    ValueTicks ticks{low, high, {}};
    const double tolerance = (high - low) * 1e-9;
    for (const double value : nice.values)
        if (value >= low - tolerance && value <= high + tolerance)
            ticks.values.push_back(value);
    return ticks;
}

ValueTicks decadesWithin(double low, double high) {
    ValueTicks ticks{low, high, {}};
    for (int power = static_cast<int>(std::ceil(std::log10(low) - 1e-9)); std::pow(10.0, power) <= high * (1 + 1e-9); ++power)
        ticks.values.push_back(std::pow(10.0, power));
    return ticks;
}

void paintGrid(QPainter& painter, const PlotAxes& axes, bool vertical, const Theme& theme) {
    painter.save();
    painter.setPen(QPen(theme.grid, 1));
    for (const double value : axes.y.values)
        painter.drawLine(QPointF(axes.area.left(), axes.toY(value)), QPointF(axes.area.right(), axes.toY(value)));
    for (const double value : axes.x.values)
        if (vertical)
            painter.drawLine(QPointF(axes.toX(value), axes.area.top()), QPointF(axes.toX(value), axes.area.bottom()));
    painter.setPen(QPen(theme.border, 1));
    painter.drawLine(axes.area.bottomLeft(), axes.area.bottomRight());
    painter.restore();
}

void paintXTicks(QPainter& painter, const PlotAxes& axes, const QFont& font, const Theme& theme) {
    const QFontMetricsF metrics(font, painter.device());
    painter.save();
    painter.setFont(font);
    painter.setPen(theme.mutedText);
    double free = -1e9;
    for (const double value : axes.x.values) {
        const QString text = axes.logX ? QString::number(value) : tickText(axes.x, value);
        const double width = metrics.horizontalAdvance(text);
        const double left = axes.toX(value) - width / 2;
        if (left < free)
            continue;
        painter.drawText(QPointF(left, axes.area.bottom() + 5 + metrics.ascent()), text);
        free = left + width + 8;
    }
    painter.restore();
}

void paintXTitle(QPainter& painter, const PlotAxes& axes, const QString& title, const QFont& font, const Theme& theme) {
    const QFontMetricsF metrics(font, painter.device());
    painter.save();
    painter.setFont(font);
    painter.setPen(theme.mutedText);
    const QString text = metrics.elidedText(title, Qt::ElideRight, axes.area.width());
    painter.drawText(QPointF(axes.area.center().x() - metrics.horizontalAdvance(text) / 2, axes.area.bottom() + 6 + metrics.height() + metrics.ascent()), text);
    painter.restore();
}

double xAxisHeight(const QFont& font) { return 2 * QFontMetricsF(font).height() + 9; }

void paintBackedText(QPainter& painter, QPointF position, const QString& text, const QColor& color, const Theme& theme) {
    const QFontMetricsF metrics(painter.font(), painter.device());
    QColor back = theme.panel;
    back.setAlphaF(0.82F);
    painter.fillRect(QRectF(position.x() - 2, position.y() - metrics.ascent() + 1, metrics.horizontalAdvance(text) + 4, metrics.height() - 2), back);
    painter.setPen(color);
    painter.drawText(position, text);
}

} // namespace sinkscope
