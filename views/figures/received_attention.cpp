// SPDX-License-Identifier: Apache-2.0
#include "views/charts/paint_chart.h"
#include "views/charts/token_chart.h"
#include "views/figures/figure_spec.h"

namespace sinkscope {
namespace {

Result<std::shared_ptr<const void>> prepare(const FigureData& data) {
    if (!data.statistics[static_cast<std::size_t>(data.layer)])
        return Error{ErrorCode::InvalidArgument, "figure recipe: the capture does not hold layer " + std::to_string(data.layer), {}};
    return std::shared_ptr<const void>();
}

double heightFor(const FigureData&, double width) { return width * 0.5; }

void paint(QPainter& painter, const QSizeF& size, const FigureData& data, const Theme& theme) {
    const LayerStatistics& statistics = *data.statistics[static_cast<std::size_t>(data.layer)];
    const auto sinks = sinksOfHead(statistics, data.head, MetricParameters{});
    const TokenLabels labels = tokenLabels(*data.header->samples[static_cast<std::size_t>(data.sample)], sinks);
    const double space = longestLabel(labels, theme.smallFont, nullptr, size.width() * 0.16) * 0.85 + theme.smallFont.pixelSize();
    const QRectF plot = paintChart(painter, QRectF(QPointF(0, 0), size),
                                   makeReceivedChart(statistics, data.head, sinks, static_cast<int>(space), theme, theme.smallFont));
    painter.setFont(theme.smallFont);
    paintTokenChartLabels(painter, plot, labels, space, theme.smallFont, theme);
}

} // namespace

namespace registry_figures {
extern const FigureSpec received_attention;
const FigureSpec received_attention{.id = "received_attention",
                                    .title = QT_TRANSLATE_NOOP("Figures", "Received attention"),
                                    .rasterOnly = false,
                                    .heightFor = heightFor,
                                    .paint = paint,
                                    .prepare = prepare};
} // namespace registry_figures
} // namespace sinkscope
