// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/attention/layer_statistics.h"
#include "views/paint/token_axis.h"
#include "views/theme.h"

#include <QChart>

#include <memory>
#include <vector>

namespace sinkscope {

/// Received attention of every token of a head, with what uniform attention would give as a dashed line and sinks in the anchor colour.
/// Token labels are painted by `paintTokenChartLabels`, because Qt's axes can neither repeat a text nor thin labels out. Thread: gui.
std::unique_ptr<QChart> makeReceivedChart(const LayerStatistics& statistics, int head, const std::vector<int>& sinks, int labelSpace,
                                          const Theme& theme, const QFont& font);
/// Labels below the plot of such a chart.
void paintTokenChartLabels(QPainter& painter, const QRectF& plot, const TokenLabels& labels, double space, const QFont& font,
                           const Theme& theme);
/// What uniform attention would put on a key, averaged over the queries that see it.
double uniformReceived(const LayerStatistics& statistics, int key);

/// Looks that all charts share: no title, no frame, theme colours, quiet grid.
void styleChart(QChart& chart, const Theme& theme, const QFont& font);

} // namespace sinkscope
