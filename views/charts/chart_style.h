// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "views/theme.h"

#include <QChart>
#include <QPainter>
#include <QString>

#include <vector>

namespace sinkscope {

/// Makes a chart a bare plot in the theme's colours: series and grid only. Its axes' labels and its legend are painted with the functions
/// below, because Qt's elide numbers in low charts and cannot thin out token texts.
void stripChart(QChart& chart, const Theme& theme, const QMargins& margins);

/// Numbers from `low` to `high` that people count in (1, 2, 2.5, 5 times a power of ten), and the range that they span.
struct ValueTicks {
    double low = 0, high = 1;
    std::vector<double> values;
};
ValueTicks niceTicks(double low, double high, int most);

/// A tick as text, with as many decimals as the finest one needs: the same for all.
QString tickText(const ValueTicks& ticks, double value);
/// Numbers beside the plot, at its left or right edge.
void paintValueTicks(QPainter& painter, const QRectF& plot, const ValueTicks& ticks, bool atLeft, const QFont& font, const Theme& theme);
/// Room that they need.
double valueTickWidth(const ValueTicks& ticks, const QFont& font);

struct LegendEntry {
    enum class Mark { Bar, Line, Dashes } mark = Mark::Line;
    QColor color;
    QString text;
};
/// Places for entries in rows from the left, below each other where one row does not hold them all. At `origin`.
std::vector<QRectF> legendRows(const std::vector<LegendEntry>& entries, QPointF origin, double width, const QFont& font);
/// Mark and text of one entry; the text is elided to what `area` holds.
void paintLegendEntry(QPainter& painter, const QRectF& area, const LegendEntry& entry, const QFont& font, const Theme& theme);
/// One line of entries, ending at the right of `area`; what does not fit is left out from the end.
void paintLegend(QPainter& painter, const QRectF& area, const std::vector<LegendEntry>& entries, const QFont& font, const Theme& theme);

} // namespace sinkscope
