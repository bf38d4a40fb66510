// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "views/charts/chart_style.h"

#include <QPainter>
#include <QRectF>

namespace sinkscope {

/// A plot area with the range of its values, for what is painted without Qt Charts.
struct PlotAxes {
    QRectF area;
    ValueTicks x, y;
    bool logX = false; ///< x.low must be above 0
    [[nodiscard]] double toX(double value) const;
    [[nodiscard]] double toY(double value) const { return area.bottom() - (value - y.low) / (y.high - y.low) * area.height(); }
    [[nodiscard]] double fromX(double position) const;
    [[nodiscard]] double fromY(double position) const { return y.low + (area.bottom() - position) / area.height() * (y.high - y.low); }
};

/// Numbers that people count in, all within low..high, which stays the range.
ValueTicks ticksWithin(double low, double high, int most);
/// Powers of ten within low..high.
ValueTicks decadesWithin(double low, double high);

/// Lines at the ticks of y, and of x when asked for, and the line at the bottom.
void paintGrid(QPainter& painter, const PlotAxes& axes, bool vertical, const Theme& theme);
/// Numbers below the plot; those that would touch are left out.
void paintXTicks(QPainter& painter, const PlotAxes& axes, const QFont& font, const Theme& theme);
/// Centred below the numbers of x; elided to the width of the plot.
void paintXTitle(QPainter& painter, const PlotAxes& axes, const QString& title, const QFont& font, const Theme& theme);
/// Height of the numbers and the title below a plot.
double xAxisHeight(const QFont& font);

/// A text over a veil in the colour of the panel, so that it reads over lines. `position` is its baseline's left end.
void paintBackedText(QPainter& painter, QPointF position, const QString& text, const QColor& color, const Theme& theme);

} // namespace sinkscope
