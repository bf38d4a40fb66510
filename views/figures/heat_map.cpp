// SPDX-License-Identifier: Apache-2.0
#include "core/capture/head_pyramid.h"
#include "views/figures/figure_spec.h"
#include "views/figures/figure_title.h"
#include "views/models/text_format.h"
#include "views/paint/heat_map.h"

namespace sinkscope {
namespace {

/// Longer texts are drawn as an image with one pixel per cell: their cells are too many for viewers as rectangles.
constexpr int kMostVectorTokens = 64;

struct Prepared {
    HeatMapContent content;
};

Result<std::shared_ptr<const void>> prepare(const FigureData& data) {
    const auto& statistics = data.statistics[static_cast<std::size_t>(data.layer)];
    if (!statistics)
        return Error{ErrorCode::InvalidArgument, "figure recipe: the capture does not hold layer " + std::to_string(data.layer), {}};
    HeatMapRequest request;
    const std::string values = data.recipe.value(QLatin1String("values")).toString(QStringLiteral("weights")).toStdString();
    const std::string scale = data.recipe.value(QLatin1String("scale")).toString(QStringLiteral("log")).toStdString();
    request.logits = values == "logits";
    request.scale = scaleKindOf(scale);
    if (!request.logits && values != "weights")
        return Error{ErrorCode::InvalidArgument, "figure recipe: \"values\" is weights or logits, not " + values, {}};
    if (nameOf(request.scale) != scale)
        return Error{ErrorCode::InvalidArgument, "figure recipe: \"" + scale + "\" is no scale", {}};
    request.sinks = sinksOfHead(*statistics, data.head, MetricParameters{});
    auto prepared = std::make_shared<Prepared>();
    JobContext context;
    const SampleTokens& tokens = *data.header->samples[static_cast<std::size_t>(data.sample)];
    if (tokens.encoding.ids.size() > kLongestFullMap) {
        SINKSCOPE_TRY(prepared->content.pyramid, attentionPyramidOf(*data.capture, data.sample, data.layer, data.head, context));
        SINKSCOPE_TRY(prepared->content.image, heatMapImage(*prepared->content.pyramid, request, context));
    } else {
        SINKSCOPE_TRY(prepared->content.attention, attentionOf(*data.capture, data.sample, data.layer, data.head));
        SINKSCOPE_TRY(prepared->content.image, heatMapImage(*prepared->content.attention, request, context));
    }
    prepared->content.sinks = request.sinks;
    prepared->content.keys = tokenLabels(tokens, request.sinks);
    prepared->content.queries = tokenLabels(tokens, request.sinks);
    prepared->content.barTitle = heatMapBarTitle(request);
    prepared->content.drawSelection = false;
    prepared->content.asVectors = prepared->content.image->tokens <= kMostVectorTokens;
    prepared->content.isLogits = request.logits;
    return std::shared_ptr<const void>(std::move(prepared));
}

double heightFor(const FigureData& data, double width) {
    QFont font(QStringLiteral("DejaVu Sans"));
    font.setPixelSize(qRound(data.recipe.value(QLatin1String("font_pt")).toDouble(8)));
    HeatMapContent content = static_cast<const Prepared*>(data.prepared.get())->content;
    measureLabels(content, font);
    return heatMapHeight(width, content, font, nullptr) + figureTitleHeight(font);
}

void paint(QPainter& painter, const QSizeF& size, const FigureData& data, const Theme& theme) {
    HeatMapContent content = static_cast<const Prepared*>(data.prepared.get())->content;
    measureLabels(content, theme.smallFont);
    const double top = paintFigureTitle(painter, size.width(), headTitle(LayerId(data.layer), HeadId(data.head)), theme);
    const QRectF area(0, top, size.width(), size.height() - top);
    paintHeatMap(painter, content, layoutHeatMap(area, content, theme.smallFont, nullptr, 1, {}), theme.smallFont, theme,
                 data.recipe.value(QLatin1String("dpi")).toDouble() / 72);
}

} // namespace

namespace registry_figures {
extern const FigureSpec heat_map;
const FigureSpec heat_map{.id = "heat_map",
                          .title = QT_TRANSLATE_NOOP("Figures", "Attention heat map"),
                          .rasterOnly = false,
                          .heightFor = heightFor,
                          .paint = paint,
                          .prepare = prepare};
} // namespace registry_figures
} // namespace sinkscope
