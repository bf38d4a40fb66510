// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/analysis/metric_spec.h"
#include "views/paint/color_scale.h"
#include "views/theme.h"

#include <QPainter>
#include <QPixmap>
#include <QRectF>

#include <optional>
#include <utility>

namespace sinkscope {

/// One head of the grid.
struct HeadCell {
    QImage thumbnail;               ///< null: not computed yet
    std::optional<double> value;    ///< of the chosen metric
    double unit = 0;                ///< the value on the metric's colour scale, 0..1
    bool selected = false;
};

/// Sizes of the grid's parts in painter units.
struct GridMetrics {
    double rowLabel = 28, columnLabel = 18, cell = 64, gap = 6, caption = 14;
    [[nodiscard]] double pitchX() const { return cell + gap; }
    [[nodiscard]] double pitchY() const { return cell + caption + gap; }
    [[nodiscard]] double widthFor(int heads) const { return rowLabel + heads * pitchX() + gap; }
    [[nodiscard]] double heightFor(int layers) const { return columnLabel + layers * pitchY() + gap; }
    [[nodiscard]] QRectF cellRect(int layer, int head) const {
        return {rowLabel + head * pitchX(), columnLabel + layer * pitchY(), cell, cell};
    }
    /// Cells as large as `width` allows for a number of heads, within bounds.
    static GridMetrics fitting(double width, int heads, double smallest, double largest, const QFont& font, const QPaintDevice* device);
};

/// Draws one head: thumbnail, frame in the colour of its value, and the value below.
void paintHeadCell(QPainter& painter, const QRectF& area, const HeadCell& cell, const MetricSpec& metric, double caption, const QFont& font,
                   const Theme& theme);
/// Ends of a metric's colour scale; `low` and `high` are the range of the data, for metrics without a range of their own.
std::pair<double, double> metricRange(const MetricSpec& metric, double low, double high);
/// Place of a value on a metric's colour scale; `low` and `high` are the range of the data, for metrics without a range of their own.
double metricUnit(const MetricSpec& metric, double value, double low, double high);
/// The same scale for a colour bar, in per cent where the metric is shown so; it never has no width.
ColorScale metricScale(const MetricSpec& metric, double low, double high);

} // namespace sinkscope
