// SPDX-License-Identifier: Apache-2.0
#include "views/paint/heads_grid.h"
#include "views/figures/figure_spec.h"
#include "views/models/head_metrics.h"
#include "views/paint/thumbnails.h"

#include <algorithm>

namespace sinkscope {
namespace {

struct Prepared {
    const MetricSpec* metric;
    std::vector<std::vector<std::optional<double>>> values; ///< [layer][head]; empty for layers that are not there
    double low = 0, high = 1;
};

Result<std::shared_ptr<const void>> prepare(const FigureData& data) {
    auto prepared = std::make_shared<Prepared>();
    const std::string id = data.recipe.value(QLatin1String("metric")).toString(QStringLiteral("received_first")).toStdString();
    prepared->metric = findMetric(id);
    if (!prepared->metric)
        return Error{ErrorCode::InvalidArgument, "figure recipe: \"" + id + "\" is no metric", {}};
    const SampleTokens& tokens = *data.header->samples[static_cast<std::size_t>(data.sample)];
    bool any = false;
    for (const auto& statistics : data.statistics) {
        prepared->values.push_back(statistics ? metricOfHeads(*prepared->metric, tokens, *statistics, MetricParameters{})
                                              : std::vector<std::optional<double>>());
        for (const auto& value : prepared->values.back())
            if (value) {
                prepared->low = any ? std::min(prepared->low, *value) : *value;
                prepared->high = any ? std::max(prepared->high, *value) : *value;
                any = true;
            }
    }
    return std::shared_ptr<const void>(std::move(prepared));
}

GridMetrics metricsFor(const FigureData& data, double width, const QFont& font) {
    return GridMetrics::fitting(width, data.header->heads, 4, 120, font, nullptr);
}

double heightFor(const FigureData& data, double width) {
    QFont font(QStringLiteral("DejaVu Sans"));
    font.setPixelSize(qRound(data.recipe.value(QLatin1String("font_pt")).toDouble(8)));
    return metricsFor(data, width, font).heightFor(data.header->layers) + font.pixelSize() * 1.8;
}

void paint(QPainter& painter, const QSizeF& size, const FigureData& data, const Theme& theme) {
    const auto& prepared = *static_cast<const Prepared*>(data.prepared.get());
    const GridMetrics grid = metricsFor(data, size.width(), theme.smallFont);
    const double top = theme.smallFont.pixelSize() * 1.8;
    painter.setFont(theme.smallFont);
    painter.setPen(theme.text);
    painter.drawText(QRectF(0, 0, size.width(), top), Qt::AlignCenter,
                     QString::fromUtf8(prepared.metric->title.data(), static_cast<qsizetype>(prepared.metric->title.size())));
    painter.translate(0, top);
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
                cell.value = prepared.values[static_cast<std::size_t>(layer)][static_cast<std::size_t>(head)];
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
                            .prepare = prepare};
} // namespace registry_figures
} // namespace sinkscope
