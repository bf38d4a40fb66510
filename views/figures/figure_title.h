// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "views/theme.h"

#include <QFontMetricsF>
#include <QPainter>
#include <QString>

namespace sinkscope {

/// Room that a figure's title takes at the top, in points.
inline double figureTitleHeight(const QFont& font) {
    return font.pixelSize() * 1.8;
}

/// Paints it centred and returns the room that it took.
inline double paintFigureTitle(QPainter& painter, double width, const QString& title, const Theme& theme) {
    const double height = figureTitleHeight(theme.smallFont);
    QFont font = theme.smallFont;
    font.setWeight(QFont::DemiBold);
    painter.setFont(font);
    painter.setPen(theme.text);
    const QFontMetricsF metrics(font);
    const QString text = metrics.elidedText(title, Qt::ElideMiddle, width);
    painter.drawText(QPointF((width - metrics.horizontalAdvance(text)) / 2, metrics.ascent() + font.pixelSize() * 0.2), text);
    return height;
}

} // namespace sinkscope
