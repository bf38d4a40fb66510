// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/analysis/analysis.h"
#include "views/charts/chart_style.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace sinkscope {

/// One metric averaged over the heads of each layer.
struct DepthLine {
    const MetricSpec* metric = nullptr;
    std::vector<std::optional<Estimate>> layers; ///< nothing where no value is known
    int color = 0;                               ///< index into the theme's categories
};

/// Lines that can share a scale: those between 0 and 1 together, every other one by itself, because their units differ. In the order of their
/// first line; colours are given here.
std::vector<std::vector<DepthLine>> depthGroups(std::vector<DepthLine> lines);
/// Places of `count` charts in `area`, as many beside each other as stay readable at `least` width.
std::vector<QRectF> depthPlaces(std::size_t count, const QRectF& area, double least);

/// Metrics along depth on one scale, with 95 % bands, the verdict of each layer below. Thread: gui.
struct DepthChart {
    std::unique_ptr<QChart> chart;
    int layers = 0, selected = -1;
    ValueTicks ticks;
    bool hasTicks = false;
    std::vector<LegendEntry> legend;
    std::vector<QRectF> legendPlaces;  ///< of its entries, from the top left of the chart
    std::vector<std::string> kinds;    ///< [layer] of frame (analysis.h); empty when not known
};
/// `size` is that of the chart: its width decides about the rows of the legend, its height about the ticks.
DepthChart makeDepthChart(const std::vector<DepthLine>& lines, int layers, std::vector<std::string> kinds, QSizeF size, const Theme& theme,
                          const QFont& font);
/// The least height at which a chart of these lines can be read.
double leastDepthHeight(const std::vector<DepthLine>& lines, double width, const QFont& font);
/// Layer names, numbers, legend, kinds and the selected layer, around the plot of a chart that begins at (0, 0).
void paintDepthChart(QPainter& painter, const QRectF& plot, const DepthChart& chart, const QFont& font, const Theme& theme);

/// Mean over the heads that have a value; nothing when none has. Thread: any.
std::optional<double> meanOverHeads(const MetricSpec& metric, const SampleTokens& tokens, const LayerStatistics& statistics,
                                    const MetricParameters& parameters);
/// Metrics that are shown until somebody chooses others.
std::vector<const MetricSpec*> defaultDepthMetrics();

} // namespace sinkscope
