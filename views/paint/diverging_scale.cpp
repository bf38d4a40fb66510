// SPDX-License-Identifier: Apache-2.0
#include "views/paint/diverging_scale.h"

#include "views/models/text_format.h"

#include <QCoreApplication>
#include <QFontMetricsF>
#include <QLinearGradient>

#include <algorithm>
#include <cmath>

namespace sinkscope {
namespace {

QColor between(const QColor& a, const QColor& b, double t) {
    const auto mixed = [t](int from, int to) { return static_cast<int>(std::lround(from + (to - from) * t)); };
    return {mixed(a.red(), b.red()), mixed(a.green(), b.green()), mixed(a.blue(), b.blue())};
}

/// From zero to one end: to the theme's colour at two thirds, on to a stronger one.
QColor shade(const Theme& theme, const QColor& end, double amount) {
    const QColor zero = theme.isDark ? QColor(0x25, 0x2c, 0x37) : QColor(0xf5, 0xf6, 0xf8), most = theme.isDark ? end.lighter(128) : end.darker(155);
    constexpr double kKnee = 0.66;
    return amount < kKnee ? between(zero, end, amount / kKnee) : between(end, most, (amount - kKnee) / (1 - kKnee));
}

} // namespace

double DivergingScale::toUnit(double value) const {
    if (std::isnan(value) || !(limit > 0))
        return 0;
    const double unit = std::clamp(value / limit, -1.0, 1.0);
    return isRoot ? std::copysign(std::pow(std::abs(unit), kExponent), unit) : unit;
}

double DivergingScale::fromUnit(double unit) const {
    return limit * (isRoot ? std::copysign(std::pow(std::abs(unit), 1 / kExponent), unit) : unit);
}

std::vector<QRgb> divergingTable(const Theme& theme) {
    std::vector<QRgb> table(511);
    for (int i = 0; i < 511; ++i)
        table[static_cast<std::size_t>(i)] = shade(theme, theme.diverging[i < 255 ? 0 : 1], std::abs(i - 255) / 255.0).rgb();
    return table;
}

QRgb brokenColor() { return qRgb(0xc8, 0x1e, 0xb4); }

double divergingBarHeight(const QFont& font, const QPaintDevice* device) { return QFontMetricsF(font, device).height() * 2.85; }

void paintDivergingBar(QPainter& painter, const QRectF& area, const DivergingScale& scale, const std::vector<QRgb>& table, const QString& title, bool hasBroken,
                       const QFont& font, const Theme& theme) {
    painter.save();
    painter.setFont(font);
    const QFontMetricsF metrics(font, painter.device());
    const double line = metrics.height(), thickness = line * 0.6;
    double titleEnd = area.right();
    if (hasBroken) {
        const QString text = QCoreApplication::translate("Views", "NaN or infinite");
        titleEnd -= metrics.horizontalAdvance(text) + thickness * 2.5;
        painter.fillRect(QRectF(titleEnd + thickness, area.top() + (line - thickness) / 2, thickness, thickness), QColor::fromRgb(brokenColor()));
        painter.setPen(theme.mutedText);
        painter.drawText(QPointF(titleEnd + thickness * 2.5, area.top() + metrics.ascent()), text);
    }
    painter.setPen(theme.mutedText);
    painter.drawText(QPointF(area.left(), area.top() + metrics.ascent()), metrics.elidedText(title, Qt::ElideRight, titleEnd - area.left()));
    const QRectF bar(area.left(), area.top() + line * 1.15, area.width(), thickness);
    QLinearGradient gradient(bar.topLeft(), bar.topRight());
    for (int stop = 0; stop <= 32; ++stop)
        gradient.setColorAt(stop / 32.0, QColor::fromRgb(table[static_cast<std::size_t>(stop * 510 / 32)]));
    painter.setPen(QPen(theme.border, 1));
    painter.setBrush(gradient);
    painter.drawRect(bar);
    painter.setPen(QPen(theme.text, 1));
    painter.drawLine(QPointF(bar.center().x(), bar.top() - 2), QPointF(bar.center().x(), bar.bottom() + 3));
    const double baseline = bar.bottom() + line * 0.14 + metrics.ascent();
    painter.setPen(theme.mutedText);
    double free = area.left() - 1;
    const bool hasRoom = area.width() > metrics.horizontalAdvance(QStringLiteral("-0.0000")) * 7;
    for (const double unit : {-1.0, -0.5, 0.0, 0.5, 1.0}) {
        if (std::abs(unit) == 0.5 && !hasRoom)
            continue;
        QString text = unit == 0 ? QStringLiteral("0") : numberText(scale.fromUnit(unit));
        if (std::abs(unit) == 1 && scale.isClipped)
            text = (unit < 0 ? QStringLiteral("≤ ") : QStringLiteral("≥ ")) + text;
        const double width = metrics.horizontalAdvance(text);
        const double x = std::clamp(bar.center().x() + unit * bar.width() / 2 - width / 2, area.left(), std::max(area.left(), area.right() - width));
        if (x < free)
            continue;
        painter.drawText(QPointF(x, baseline), text);
        free = x + width + line * 0.4;
    }
    painter.restore();
}

} // namespace sinkscope
