// SPDX-License-Identifier: Apache-2.0
#include "views/figures/figure_spec.h"
#include "views/vtk/key_space_scene.h"
#include "views/vtk/scene_overlay.h"
#include "views/vtk/scene_raster.h"

#include <QFontMetricsF>

#include <algorithm>

namespace sinkscope {

namespace {

struct Prepared {
    KeySpaceRecipe recipe;
    std::shared_ptr<const KeySpaceData> data;
};

Result<std::shared_ptr<const void>> prepare(const FigureData& figure) {
    SINKSCOPE_TRY(KeySpaceRecipe recipe, KeySpaceRecipe::fromJson(figure.recipe));
    KeySpaceQuestion question;
    question.capture = figure.capture;
    question.sample = figure.sample;
    question.layer = figure.layer;
    question.head = figure.head;
    question.space = recipe.space;
    question.projection = recipe.projection;
    question.query = recipe.options.query;
    if (figure.analysis)
        question.sinks = figure.analysis->parameters;
    JobContext context;
    SINKSCOPE_TRY(auto data, loadKeySpace(question, context));
    if (data->gap == KeySpaceData::Gap::SpaceMissing)
        return Error{ErrorCode::Unavailable, "the capture holds no " + std::string(nameOf(recipe.space)) + " vectors", {}};
    if (data->gap == KeySpaceData::Gap::LayerMissing)
        return Error{ErrorCode::Unavailable, "the capture holds no layer " + std::to_string(figure.layer) + " of that sample", {}};
    if (data->gap == KeySpaceData::Gap::TooShort)
        return Error{ErrorCode::InvalidArgument, "a text of fewer than " + std::to_string(KeySpaceData::kFewestTokens) + " tokens spans no space", {}};
    return std::shared_ptr<const void>(std::make_shared<const Prepared>(Prepared{std::move(recipe), std::move(data)}));
}

double heightFor(const FigureData&, double width) { return width * 0.75; }

/// The geometry is an image at the figure's resolution; text, stars and legend are painted over it, so that they stay sharp where the format
/// can hold them.
void paint(QPainter& painter, const QSizeF& size, const FigureData& figure, const Theme& theme) {
    const auto prepared = std::static_pointer_cast<const Prepared>(figure.prepared);
    if (!prepared)
        return;
    const KeySpaceData& data = *prepared->data;
    const auto& tokens = *figure.capture->header().samples[static_cast<std::size_t>(figure.sample)];
    const auto scene = keySpaceScene(data, tokens, prepared->recipe.options, figure.analysis.get());

    // The overlay is laid out in pixels of the theme's fonts; the unit is chosen so that these get the size that the recipe asks for.
    const double fontPoints = std::clamp(figure.recipe.value(QLatin1String("font_pt")).toDouble(8), 3.0, 40.0);
    const double unit = fontPoints / theme.smallFont.pixelSize(); // points per logical pixel
    const double dpi = std::clamp(figure.recipe.value(QLatin1String("dpi")).toDouble(300), 36.0, 1200.0);
    QFont titleFont = theme.font;
    titleFont.setWeight(QFont::DemiBold);
    const double top = QFontMetricsF(titleFont).height() + 6;
    const QSizeF logical = size / unit;

    SceneCamera camera;
    camera.setViewport(QSizeF(logical.width(), logical.height() - top));
    camera.setOrthographic(prepared->recipe.orthographic);
    camera.frame(scene->box);
    camera.lookFrom(prepared->recipe.azimuth, prepared->recipe.elevation);
    const QImage geometry = SceneRaster().draw({.scene = scene, .camera = camera, .theme = &theme, .pixelRatio = unit * dpi / 72});

    painter.save();
    painter.scale(unit, unit);
    painter.setRenderHints(QPainter::Antialiasing | QPainter::TextAntialiasing | QPainter::SmoothPixmapTransform);
    painter.setFont(titleFont);
    painter.setPen(theme.text);
    painter.drawText(QRectF(8, 2, logical.width() - 16, top), Qt::AlignLeft | Qt::AlignVCenter, KeySpaceText::title(data.question));
    painter.translate(0, top);
    painter.drawImage(QRectF(QPointF(0, 0), camera.viewport()), geometry);
    paintMarks(painter, {.scene = scene, .camera = camera, .focus = {.selected = prepared->recipe.token}}, theme);
    painter.restore();
}

} // namespace

namespace registry_figures {
extern const FigureSpec key_space;
const FigureSpec key_space{
    .id = "key_space",
    .title = QT_TRANSLATE_NOOP("Figures", "Key space"),
    .rasterOnly = true,
    .heightFor = heightFor,
    .paint = paint,
    .prepare = prepare,
};
} // namespace registry_figures

} // namespace sinkscope
