// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/analysis/estimate.h"
#include "views/paint/plot_axes.h"

#include <QString>

#include <optional>
#include <vector>

namespace sinkscope {

/// One line of a forest plot: an estimate with its interval. Controls stand below what they control.
struct ForestRow {
    QString label;
    std::optional<Estimate> estimate; ///< nothing: `note` says why
    QString note;
    bool isControl = false;
    bool isStrong = false;            ///< set apart by its fill: the interval is on one side and no control reaches it
};

/// Estimates and intervals below each other on one scale with a line at 0.
struct ForestPlot {
    std::vector<ForestRow> rows;
    QString title;     ///< of the scale
    int selected = -1; ///< a row that is no control
};
struct ForestLayout {
    PlotAxes axes;
    std::vector<QRectF> rows; ///< whole lines
    double labelWidth = 0, numberWidth = 0;
};
double forestHeight(const ForestPlot& plot, const QFont& font);
ForestLayout layoutForest(const QRectF& area, const ForestPlot& plot, const QFont& font);
void paintForest(QPainter& painter, const ForestLayout& layout, const ForestPlot& plot, const QFont& font, const Theme& theme);
/// The row at a position, -1 when there is none; of a control the row that it belongs to.
int forestRowAt(const ForestLayout& layout, const ForestPlot& plot, QPointF position);
/// "0.43 (0.21 to 0.66)"; without an interval the value alone.
QString estimateText(const Estimate& estimate);

} // namespace sinkscope
