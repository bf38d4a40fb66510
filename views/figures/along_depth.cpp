// SPDX-License-Identifier: Apache-2.0
#include "views/charts/chart_view.h"
#include "views/charts/depth_chart.h"
#include "views/figures/figure_analysis.h"
#include "views/models/depth_profile.h"
#include "views/models/frame_reading.h"

#include <QJsonArray>

#include <algorithm>

namespace sinkscope {
namespace {

struct Prepared {
    std::vector<DepthLine> lines;
    std::vector<std::string> kinds;
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

Result<std::shared_ptr<const void>> prepare(const FigureData& data) {
    SINKSCOPE_TRY(const auto chosen, metricsOf(data.recipe));
    const bool isAveraged = data.recipe.value(QLatin1String("average")).toBool(true);
    SINKSCOPE_TRY(const auto analysis, analysisFor(data, chosen));
    auto prepared = std::make_shared<Prepared>();
    for (const MetricSpec* metric : chosen)
        prepared->lines.push_back({metric, depthOfAnalysis(*analysis, *metric, isAveraged ? -1 : data.sample, data.header->layers)});
    prepared->kinds = layerKinds(analysis.get(), data.header->layers);
    return std::shared_ptr<const void>(std::move(prepared));
}

/// Charts are narrower on paper than on a screen: half a page is enough for one.
double leastWidth(const FigureData& data) { return 22 * data.recipe.value(QLatin1String("font_pt")).toDouble(8); }

double heightFor(const FigureData& data, double width) {
    const double font = data.recipe.value(QLatin1String("font_pt")).toDouble(8);
    const auto groups = depthGroups(static_cast<const Prepared*>(data.prepared.get())->lines);
    const auto places = depthPlaces(groups.size(), QRectF(0, 0, width, 1), leastWidth(data));
    if (places.empty())
        return width * 0.45;
    std::size_t most = 1;
    for (const auto& group : groups)
        most = std::max(most, group.size());
    const double perRow = std::max(places.front().width() * 0.4, 12 * font) + static_cast<double>(most) * 1.4 * font; // the legend at its longest
    return qRound(1 / places.front().height()) * perRow;
}

void paint(QPainter& painter, const QSizeF& size, const FigureData& data, const Theme& theme) {
    const auto& prepared = *static_cast<const Prepared*>(data.prepared.get());
    const auto groups = depthGroups(prepared.lines);
    const auto places = depthPlaces(groups.size(), QRectF(QPointF(0, 0), size), leastWidth(data));
    for (std::size_t i = 0; i < groups.size(); ++i) {
        DepthChart shown = makeDepthChart(groups[i], data.header->layers, prepared.kinds, places[i].size(), theme, theme.smallFont);
        paintChart(painter, places[i], std::move(shown.chart),
                   [&](QPainter& overlay, const QRectF& plot) { paintDepthChart(overlay, plot, shown, theme.smallFont, theme); });
    }
}

} // namespace

namespace registry_figures {
extern const FigureSpec along_depth;
const FigureSpec along_depth{.id = "along_depth",
                             .title = QT_TRANSLATE_NOOP("Figures", "Metrics along depth"),
                             .rasterOnly = false,
                             .heightFor = heightFor,
                             .paint = paint,
                             .prepare = prepare,
                            .metrics = FigureMetrics::Several};
} // namespace registry_figures
} // namespace sinkscope
