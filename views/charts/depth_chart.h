// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/analysis/analysis.h"
#include "views/charts/chart_style.h"

#include <memory>
#include <optional>
#include <vector>

namespace sinkscope {

/// One metric averaged over the heads of each layer.
struct DepthLine {
    const MetricSpec* metric = nullptr;
    std::vector<std::optional<Estimate>> layers; ///< nothing where no value is known
};

/// Metrics along depth. Those that lie between 0 and 1 use the left scale, all others the right one. Thread: gui.
struct DepthChart {
    std::unique_ptr<QChart> chart;
    int layers = 0, selected = -1;
    ValueTicks left, right;
    bool hasLeft = false, hasRight = false;
    std::vector<LegendEntry> legend;
};
DepthChart makeDepthChart(const std::vector<DepthLine>& lines, int layers, const Theme& theme, const QFont& font);
/// Layer names, numbers, legend and the selected layer, around the plot of a chart that begins at `top`.
void paintDepthChart(QPainter& painter, const QRectF& plot, double top, const DepthChart& chart, const QFont& font, const Theme& theme);

/// Mean over the heads that have a value; nothing when none has. Thread: any.
std::optional<double> meanOverHeads(const MetricSpec& metric, const SampleTokens& tokens, const LayerStatistics& statistics,
                                    const MetricParameters& parameters);
/// Metrics that are shown until somebody chooses others.
std::vector<const MetricSpec*> defaultDepthMetrics();

} // namespace sinkscope
