// SPDX-License-Identifier: Apache-2.0
#include "views/charts/chart_view.h"
#include "views/charts/token_chart.h"
#include "views/figures/figure_spec.h"
#include "views/figures/figure_title.h"
#include "views/models/text_format.h"

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
    TokenLabels labels = tokenLabels(*data.header->samples[static_cast<std::size_t>(data.sample)], sinks);
    const bool cutSinks = data.recipe.value(QLatin1String("cut_sinks")).toBool(false);
    const double top = paintFigureTitle(painter, size.width(), headTitle(LayerId(data.layer), HeadId(data.head)), theme);
    TokenChart shown = makeTokenChart(statistics, data.head, std::move(labels), cutSinks, theme, theme.smallFont);
    paintChart(painter, QRectF(0, top, size.width(), size.height() - top), std::move(shown.chart), [&](QPainter& overlay, const QRectF& plot) {
        paintTokenChart(overlay, plot, 0, shown, theme.smallFont, theme);
    });
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
