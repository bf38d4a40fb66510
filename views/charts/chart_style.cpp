// SPDX-License-Identifier: Apache-2.0
#include "views/charts/chart_style.h"

#include "views/models/text_format.h"

#include <QAbstractAxis>
#include <QFontMetricsF>
#include <QGraphicsLayout>
#include <QLegend>

#include <algorithm>
#include <cmath>

namespace sinkscope {

void stripChart(QChart& chart, const Theme& theme, const QMargins& margins) {
    chart.setBackgroundVisible(false);
    chart.setPlotAreaBackgroundVisible(false);
    chart.setDropShadowEnabled(false);
    chart.layout()->setContentsMargins(0, 0, 0, 0);
    chart.setMargins(margins);
    chart.legend()->hide();
    const auto axes = chart.axes();
    for (QAbstractAxis* axis : axes) {
        axis->setLabelsVisible(false);
        axis->setTitleVisible(false);
        axis->setGridLinePen(QPen(theme.grid, 1.0));
        axis->setLinePen(QPen(theme.border, 1.0));
        axis->setLineVisible(axis->orientation() == Qt::Horizontal);
    }
}

ValueTicks niceTicks(double low, double high, int most) {
    if (!(high > low))
        high = low + 1.0;
    const double least = (high - low) / std::max(1, most - 1);
    const double power = std::pow(10.0, std::floor(std::log10(least)));
    double step = power * 10;
    for (const double factor : {1.0, 2.0, 2.5, 5.0})
        if (factor * power >= least * 0.999) {
            step = factor * power;
            break;
        }
    ValueTicks ticks;
    ticks.low = std::floor(low / step + 1e-9) * step;
    ticks.high = std::ceil(high / step - 1e-9) * step;
    for (double value = ticks.low; value <= ticks.high + step * 0.01; value += step)
        ticks.values.push_back(std::abs(value) < step * 1e-6 ? 0.0 : value);
    return ticks;
}

QString tickText(const ValueTicks& ticks, double value) {
    const double step = ticks.values.size() > 1 ? ticks.values[1] - ticks.values[0] : 1.0;
    int decimals = 0;
    for (double scaled = step; decimals < 6 && std::abs(scaled - std::round(scaled)) > 1e-6 * scaled; ++decimals)
        scaled *= 10.0;
    QString text = QString::number(std::abs(value), 'f', decimals);
    return value < 0 ? QChar(0x2212) + text : text;
}

double valueTickWidth(const ValueTicks& ticks, const QFont& font) {
    double width = 0;
    for (const double value : ticks.values)
        width = std::max(width, QFontMetricsF(font).horizontalAdvance(tickText(ticks, value)));
    return width;
}

void paintValueTicks(QPainter& painter, const QRectF& plot, const ValueTicks& ticks, bool atLeft, const QFont& font, const Theme& theme) {
    const QFontMetricsF metrics(font);
    painter.save();
    painter.setFont(font);
    painter.setPen(theme.mutedText);
    for (const double value : ticks.values) {
        const double y = plot.bottom() - (value - ticks.low) / (ticks.high - ticks.low) * plot.height();
        const QString text = tickText(ticks, value);
        const double x = atLeft ? plot.left() - 7 - metrics.horizontalAdvance(text) : plot.right() + 7;
        painter.drawText(QPointF(x, y + metrics.ascent() * 0.36), text);
    }
    painter.restore();
}

namespace {

constexpr double kMark = 14, kMarkGap = 5, kEntryGap = 16;

double entryWidth(const LegendEntry& entry, const QFontMetricsF& metrics) { return kMark + kMarkGap + metrics.horizontalAdvance(entry.text) + 1; }

} // namespace

std::vector<QRectF> legendRows(const std::vector<LegendEntry>& entries, QPointF origin, double width, const QFont& font) {
    const QFontMetricsF metrics(font);
    const double line = metrics.height() + 2;
    std::vector<QRectF> places;
    QPointF at = origin;
    for (const LegendEntry& entry : entries) {
        const double wanted = std::min(entryWidth(entry, metrics), width);
        if (at.x() > origin.x() && at.x() + wanted > origin.x() + width)
            at = QPointF(origin.x(), at.y() + line);
        places.emplace_back(at, QSizeF(wanted, line));
        at.rx() += wanted + kEntryGap;
    }
    return places;
}

void paintLegendEntry(QPainter& painter, const QRectF& area, const LegendEntry& entry, const QFont& font, const Theme& theme) {
    const QFontMetricsF metrics(font);
    const double middle = area.center().y(), x = area.left();
    painter.save();
    painter.setFont(font);
    painter.setRenderHint(QPainter::Antialiasing);
    if (entry.mark == LegendEntry::Mark::Bar) {
        painter.setPen(Qt::NoPen);
        painter.setBrush(entry.color);
        painter.drawRect(QRectF(x + 3, middle - 4, 8, 8));
    } else {
        QPen pen(entry.color, entry.mark == LegendEntry::Mark::Dashes ? 1.3 : 2.0, Qt::SolidLine, Qt::FlatCap);
        if (entry.mark == LegendEntry::Mark::Dashes)
            pen.setDashPattern({3.0, 2.2});
        painter.setPen(pen);
        painter.drawLine(QPointF(x, middle), QPointF(x + kMark, middle));
    }
    painter.setPen(theme.text);
    const double room = area.width() - kMark - kMarkGap;
    painter.drawText(QPointF(x + kMark + kMarkGap, middle + metrics.ascent() * 0.36), metrics.elidedText(entry.text, Qt::ElideRight, room));
    painter.restore();
}

void paintLegend(QPainter& painter, const QRectF& area, const std::vector<LegendEntry>& entries, const QFont& font, const Theme& theme) {
    const QFontMetricsF metrics(font);
    double total = -kEntryGap;
    std::size_t shown = 0;
    for (; shown < entries.size(); ++shown) {
        const double width = entryWidth(entries[shown], metrics) + kEntryGap;
        if (total + width > area.width())
            break;
        total += width;
    }
    double x = area.right() - total;
    for (std::size_t i = 0; i < shown; ++i) {
        const double width = entryWidth(entries[i], metrics);
        paintLegendEntry(painter, QRectF(x, area.top(), width, area.height()), entries[i], font, theme);
        x += width + kEntryGap;
    }
}

} // namespace sinkscope
