// SPDX-License-Identifier: Apache-2.0
#include "views/paint/color_bar.h"

#include "views/models/text_format.h"

#include <QCoreApplication>
#include <QLinearGradient>
#include <QPolygonF>

#include <algorithm>

namespace sinkscope {

double colorBarHeight(const QFont& font, const QPaintDevice* device) {
    return QFontMetricsF(font, device).height() * 2.85;
}

void paintColorBar(QPainter& painter, const QRectF& area, const ColorScale& scale, std::span<const QRgb> colors, const QString& title,
                   const QFont& font, const Theme& theme) {
    painter.save();
    painter.setFont(font);
    const QFontMetricsF metrics(font, painter.device());
    const double line = metrics.height(), thickness = line * 0.6;
    painter.setPen(theme.mutedText);
    painter.drawText(QPointF(area.left(), area.top() + metrics.ascent()), metrics.elidedText(title, Qt::ElideRight, area.width()));

    QRectF bar(area.left(), area.top() + line * 1.15, area.width(), thickness);
    if (scale.hasOver)
        bar.setRight(bar.right() - thickness * 1.4);
    QLinearGradient gradient(bar.topLeft(), bar.topRight());
    for (int stop = 0; stop <= 32; ++stop)
        gradient.setColorAt(stop / 32.0, QColor::fromRgb(colors[static_cast<std::size_t>(1 + stop * 253 / 32)]));
    painter.setPen(Qt::NoPen);
    painter.setBrush(gradient);
    painter.drawRect(bar);
    const double textTop = bar.bottom() + line * 0.14 + metrics.ascent();
    double limit = area.right(); // of tick labels
    if (scale.hasOver) {
        painter.setRenderHint(QPainter::Antialiasing);
        painter.setBrush(QColor::fromRgb(overRangeColor()));
        const double left = bar.right() + thickness * 0.3;
        painter.drawPolygon(QPolygonF({QPointF(left, bar.top()), QPointF(area.right(), bar.center().y()), QPointF(left, bar.bottom())}));
        const QString over = QCoreApplication::translate("Views", "sinks above");
        const double width = metrics.horizontalAdvance(over);
        painter.setPen(theme.mutedText);
        painter.drawText(QPointF(area.right() - width, area.top() + metrics.ascent()), over);
    }
    painter.setPen(theme.mutedText);
    const int most = std::max(2, static_cast<int>(bar.width() / (metrics.horizontalAdvance(QStringLiteral("0.000")) * 1.6)));
    double previousEnd = area.left() - 1e9;
    const auto ticks = scale.ticks(std::min(most, 6));
    for (std::size_t i = 0; i < ticks.size(); ++i) {
        const double width = metrics.horizontalAdvance(ticks[i].label);
        const double x = std::clamp(bar.left() + ticks[i].unit * bar.width() - width / 2, area.left(), std::max(area.left(), limit - width));
        if (x < previousEnd + line * 0.4 && i + 1 < ticks.size())
            continue;
        if (x < previousEnd)
            continue;
        painter.drawText(QPointF(x, textTop), ticks[i].label);
        previousEnd = x + width;
    }
    painter.restore();
}

} // namespace sinkscope
