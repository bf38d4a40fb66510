// SPDX-License-Identifier: Apache-2.0
#include "core/analysis/head_measures.h"
#include "views/figures/figure_spec.h"
#include "views/figures/figure_title.h"
#include "views/models/text_format.h"
#include "views/paint/attention_graph.h"

#include <cmath>

namespace sinkscope {
namespace {

Error invalid(const std::string& what) { return Error{ErrorCode::InvalidArgument, "figure recipe: " + what, {}}; }

Result<std::size_t> cutOf(const FigureData& data, GraphCut wanted) {
    std::size_t cut = standardCut(wanted);
    for (const GraphCut kind : {GraphCut::Threshold, GraphCut::Percentile}) {
        const QLatin1String key(nameOf(kind));
        if (!data.recipe.contains(key))
            continue;
        const double value = data.recipe.value(key).toDouble(std::nan("")), high = kind == GraphCut::Threshold ? 1 : 100;
        if (!(value >= 0 && value <= high))
            return invalid(std::string("\"") + nameOf(kind) + "\" must lie between 0 and " + std::to_string(static_cast<int>(high)));
        if (kind == wanted)
            cut = nearestCut(kind, value);
    }
    return cut;
}

Result<std::shared_ptr<const void>> prepare(const FigureData& data) {
    const auto& statistics = data.statistics[static_cast<std::size_t>(data.layer)];
    if (!statistics)
        return invalid("the capture does not hold layer " + std::to_string(data.layer));
    const std::string name = data.recipe.value(QLatin1String("cut")).toString(QStringLiteral("threshold")).toStdString();
    const GraphCut kind = name == nameOf(GraphCut::Percentile) ? GraphCut::Percentile : GraphCut::Threshold;
    if (name != nameOf(kind))
        return invalid("\"cut\" is threshold or percentile, not " + name);
    auto content = std::make_shared<GraphContent>();
    SINKSCOPE_TRY(content->cut, cutOf(data, kind));
    JobContext context;
    SINKSCOPE_TRY(content->graph, headGraph(*data.capture, data.sample, data.layer, data.head, kind, context));
    content->labels = tokenLabels(*data.header->samples[static_cast<std::size_t>(data.sample)], sinksOfHead(*statistics, data.head, MetricParameters{}));
    content->middle = strongestToken(*statistics, data.head, MetricParameters{}).value_or(content->graph->cuts[content->cut].shape.hub);
    return std::shared_ptr<const void>(std::move(content));
}

double heightFor(const FigureData& data, double width) {
    QFont font(QStringLiteral("DejaVu Sans"));
    font.setPixelSize(qRound(data.recipe.value(QLatin1String("font_pt")).toDouble(8)));
    return width * 0.85 + graphCurvesHeight(width, font);
}

void paint(QPainter& painter, const QSizeF& size, const FigureData& data, const Theme& theme) {
    const auto& content = *static_cast<const GraphContent*>(data.prepared.get());
    const QString cut = cutText(content.graph->kind, content.graph->cuts[content.cut].cut);
    const double top = paintFigureTitle(painter, size.width(), headTitle(LayerId(data.layer), HeadId(data.head)) + QStringLiteral(" · ") + cut, theme);
    const double curves = graphCurvesHeight(size.width(), theme.smallFont);
    const QRectF area(0, top, size.width(), size.height() - top - curves - 6);
    paintGraph(painter, area, layoutGraph(area, content, theme.smallFont), content, theme.smallFont, theme);
    paintGraphCurves(painter, QRectF(0, area.bottom() + 6, size.width(), curves), content, theme.smallFont, theme);
}

} // namespace

namespace registry_figures {
extern const FigureSpec attention_graph;
const FigureSpec attention_graph{.id = "attention_graph",
                                 .title = QT_TRANSLATE_NOOP("Figures", "Attention graph"),
                                 .rasterOnly = false,
                                 .heightFor = heightFor,
                                 .paint = paint,
                                 .prepare = prepare};
} // namespace registry_figures
} // namespace sinkscope
