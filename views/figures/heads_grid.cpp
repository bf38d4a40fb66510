// SPDX-License-Identifier: Apache-2.0
#include "views/paint/heads_grid.h"
#include "views/figures/figure_analysis.h"
#include "views/models/head_metrics.h"
#include "views/models/text_format.h"
#include "views/paint/color_bar.h"
#include "views/paint/thumbnails.h"

#include <QCoreApplication>

#include <algorithm>
#include <limits>

namespace sinkscope {
namespace {

struct Prepared {
    const MetricSpec* metric = nullptr;
    std::vector<std::vector<std::optional<Estimate>>> values; ///< [layer][head]
    double low = 0, high = -1;
};

Result<std::shared_ptr<const void>> prepare(const FigureData& data) {
    auto prepared = std::make_shared<Prepared>();
    const std::string id = data.recipe.value(QLatin1String("metric")).toString(QStringLiteral("received_first")).toStdString();
    prepared->metric = findMetric(id);
    if (!prepared->metric)
        return Error{ErrorCode::InvalidArgument, "figure recipe: \"" + id + "\" is no metric", {}};
    const bool isAveraged = data.recipe.value(QLatin1String("average")).toBool(false);
    SINKSCOPE_TRY(const auto analysis, analysisFor(data, {prepared->metric}));
    prepared->values = headsOfAnalysis(*analysis, *prepared->metric, isAveraged ? -1 : data.sample, data.header->layers, data.header->heads);
    prepared->low = std::numeric_limits<double>::infinity();
    prepared->high = -prepared->low;
    for (const auto& layer : prepared->values)
        for (const auto& value : layer)
            if (value) {
                prepared->low = std::min(prepared->low, value->value);
                prepared->high = std::max(prepared->high, value->value);
            }
    return std::shared_ptr<const void>(std::move(prepared));
}

GridMetrics metricsFor(const FigureData& data, double width, const QFont& font) {
    return GridMetrics::fitting(width, data.header->heads, 4, 120, font, nullptr);
}

/// Room for the colour bar below the heads.
double barRoom(const QFont& font) { return colorBarHeight(font, nullptr) + font.pixelSize() * 1.2; }

void paintBar(QPainter& painter, const QSizeF& size, const Prepared& prepared, const GridMetrics& grid, int heads, const FigureData& data, const Theme& theme) {
    static const std::vector<QRgb> colors = indexColors("viridis");
    if (prepared.high < prepared.low)
        return;
    QString title = utf8Text(prepared.metric->title);
    if (data.recipe.value(QLatin1String("average")).toBool(false))
        title += QCoreApplication::translate("Figures", ", mean over %n samples", nullptr, static_cast<int>(data.header->samples.size()));
    const double top = size.height() - colorBarHeight(theme.smallFont, nullptr) - theme.smallFont.pixelSize() * 0.2;
    const double width = std::min(grid.widthFor(heads) - grid.rowLabel - grid.gap * 2, size.width() - grid.rowLabel - grid.gap);
    paintColorBar(painter, QRectF(grid.rowLabel, top, width, size.height() - top), metricScale(*prepared.metric, prepared.low, prepared.high), colors, title,
                  theme.smallFont, theme);
}

double heightFor(const FigureData& data, double width) {
    QFont font(QStringLiteral("DejaVu Sans"));
    font.setPixelSize(qRound(data.recipe.value(QLatin1String("font_pt")).toDouble(8)));
    return metricsFor(data, width, font).heightFor(data.header->layers) + barRoom(font);
}

void paint(QPainter& painter, const QSizeF& size, const FigureData& data, const Theme& theme) {
    const auto& prepared = *static_cast<const Prepared*>(data.prepared.get());
    const GridMetrics grid = metricsFor(data, size.width(), theme.smallFont);
    paintBar(painter, size, prepared, grid, data.header->heads, data, theme);
    painter.setFont(theme.smallFont);
    for (int head = 0; head < data.header->heads; ++head) {
        const QRectF cell = grid.cellRect(0, head);
        painter.setPen(theme.mutedText);
        painter.drawText(QRectF(cell.left(), 0, cell.width(), grid.columnLabel), Qt::AlignCenter, QStringLiteral("H%1").arg(head));
    }
    for (int layer = 0; layer < data.header->layers; ++layer) {
        const QRectF row = grid.cellRect(layer, 0);
        painter.setFont(theme.smallFont);
        painter.setPen(theme.mutedText);
        painter.drawText(QRectF(0, row.top(), grid.rowLabel - 5, row.height()), Qt::AlignVCenter | Qt::AlignRight, QStringLiteral("L%1").arg(layer));
        const auto& statistics = data.statistics[static_cast<std::size_t>(layer)];
        for (int head = 0; head < data.header->heads; ++head) {
            HeadCell cell;
            if (statistics) {
                cell.thumbnail = thumbnailImage(*statistics, head).scaled(256, 256, Qt::IgnoreAspectRatio, Qt::FastTransformation);
                if (const auto& known = prepared.values[static_cast<std::size_t>(layer)][static_cast<std::size_t>(head)])
                    cell.value = known->value;
                cell.unit = cell.value ? metricUnit(*prepared.metric, *cell.value, prepared.low, prepared.high) : 0;
            }
            paintHeadCell(painter, grid.cellRect(layer, head), cell, *prepared.metric, grid.caption, theme.smallFont, theme);
        }
    }
}

} // namespace

namespace registry_figures {
extern const FigureSpec heads_grid;
const FigureSpec heads_grid{.id = "heads_grid",
                            .title = QT_TRANSLATE_NOOP("Figures", "Heads grid"),
                            .rasterOnly = false,
                            .heightFor = heightFor,
                            .paint = paint,
                            .prepare = prepare,
                            .metrics = FigureMetrics::One};
} // namespace registry_figures
} // namespace sinkscope
