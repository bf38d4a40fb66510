// SPDX-License-Identifier: Apache-2.0
#include "views/charts/chart_view.h"
#include "views/charts/depth_chart.h"
#include "views/figures/figure_spec.h"

#include <QJsonArray>

namespace sinkscope {
namespace {

struct Prepared {
    std::vector<DepthLine> lines;
};

Result<std::vector<const MetricSpec*>> metricsOf(const QJsonObject& recipe) {
    if (!recipe.contains(QLatin1String("metrics")))
        return defaultDepthMetrics();
    std::vector<const MetricSpec*> chosen;
    const QJsonArray ids = recipe.value(QLatin1String("metrics")).toArray();
    for (const QJsonValue& id : ids) {
        chosen.push_back(findMetric(id.toString().toStdString()));
        if (!chosen.back())
            return Error{ErrorCode::InvalidArgument, "figure recipe: \"" + id.toString().toStdString() + "\" is no metric", {}};
    }
    if (chosen.empty())
        return Error{ErrorCode::InvalidArgument, "figure recipe: \"metrics\" must be a list with at least one metric", {}};
    return chosen;
}

/// Means over heads of every sample, with intervals over the samples. Reads one layer at a time.
Result<std::shared_ptr<const void>> prepare(const FigureData& data) {
    SINKSCOPE_TRY(const auto chosen, metricsOf(data.recipe));
    auto prepared = std::make_shared<Prepared>();
    for (const MetricSpec* metric : chosen)
        prepared->lines.push_back({metric, std::vector<std::optional<Estimate>>(static_cast<std::size_t>(data.header->layers))});
    for (int layer = 0; layer < data.header->layers; ++layer) {
        std::vector<std::vector<double>> values(chosen.size());
        for (int sample = 0; sample < static_cast<int>(data.header->samples.size()); ++sample) {
            if (!data.capture->hasLayer(sample, layer))
                continue;
            SINKSCOPE_TRY(const auto statistics, data.capture->statistics(sample, layer));
            const SampleTokens& tokens = *data.header->samples[static_cast<std::size_t>(sample)];
            for (std::size_t i = 0; i < chosen.size(); ++i)
                if (const auto mean = meanOverHeads(*chosen[i], tokens, *statistics, MetricParameters{}))
                    values[i].push_back(*mean);
        }
        for (std::size_t i = 0; i < chosen.size(); ++i)
            if (!values[i].empty())
                prepared->lines[i].layers[static_cast<std::size_t>(layer)] = estimateOf(values[i]);
    }
    return std::shared_ptr<const void>(std::move(prepared));
}

double heightFor(const FigureData&, double width) {
    return width * 0.45;
}

void paint(QPainter& painter, const QSizeF& size, const FigureData& data, const Theme& theme) {
    const auto& prepared = *static_cast<const Prepared*>(data.prepared.get());
    DepthChart shown = makeDepthChart(prepared.lines, data.header->layers, theme, theme.smallFont);
    paintChart(painter, QRectF(QPointF(0, 0), size), std::move(shown.chart), [&](QPainter& overlay, const QRectF& plot) {
        paintDepthChart(overlay, plot, 0, shown, theme.smallFont, theme);
    });
}

} // namespace

namespace registry_figures {
extern const FigureSpec along_depth;
const FigureSpec along_depth{.id = "along_depth",
                             .title = QT_TRANSLATE_NOOP("Figures", "Metrics along depth"),
                             .rasterOnly = false,
                             .heightFor = heightFor,
                             .paint = paint,
                             .prepare = prepare};
} // namespace registry_figures
} // namespace sinkscope
