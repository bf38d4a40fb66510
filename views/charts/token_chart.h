// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/attention/layer_statistics.h"
#include "views/charts/chart_style.h"
#include "views/paint/token_axis.h"

#include <memory>
#include <vector>

namespace sinkscope {

/// Received attention of every token of a head, with what uniform attention would give as a dashed line and sinks in the anchor colour. Many
/// tokens become a line. `cutSinks` ends the scale above the largest other token, so that a sink does not flatten them. Thread: gui.
struct TokenChart {
    std::unique_ptr<QChart> chart; ///< a bare plot with room around it for what `paintTokenChart` adds
    ValueTicks ticks;
    TokenLabels labels;
    double labelLength = 0;        ///< of token labels, along the text
    std::vector<LegendEntry> legend;
};
TokenChart makeTokenChart(const LayerStatistics& statistics, int head, TokenLabels labels, bool cutSinks, const Theme& theme, const QFont& font);

/// Labels, numbers, legend and the selected token of a chart whose plot area is `plot` and that begins at `top`.
void paintTokenChart(QPainter& painter, const QRectF& plot, double top, const TokenChart& chart, const QFont& font, const Theme& theme);

/// What uniform attention would put on a key, averaged over the queries that see it.
double uniformReceived(const LayerStatistics& statistics, int key);

} // namespace sinkscope
