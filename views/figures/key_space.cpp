// SPDX-License-Identifier: Apache-2.0
#include "core/capture/capture_store.h"
#include "views/figures/figure_spec.h"
#include "views/vtk/key_space_quality.h"
#include "views/vtk/key_space_scene.h"
#include "views/vtk/scene_overlay.h"
#include "views/vtk/scene_raster.h"
#include "views/vtk/scene_vector.h"

#include <QFontMetricsF>
#include <QPaintEngine>

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace sinkscope {

namespace {

struct Prepared {
    KeySpaceRecipe recipe;
    std::shared_ptr<const KeySpaceData> data;
};

/// The other captures that the picture is aligned with; the figure's own one is open already.
Result<void> openRuns(const std::vector<std::string>& files, KeySpaceQuestion& question) {
    const auto* own = dynamic_cast<const CaptureStore*>(question.capture.get());
    for (const std::string& file : files) {
        const std::filesystem::path named(file), path = named.is_absolute() || !own ? named : own->path().parent_path() / named;
        std::error_code failure;
        if (own && std::filesystem::equivalent(path, own->path(), failure)) {
            question.runs.push_back(question.capture);
            continue;
        }
        SINKSCOPE_TRY(auto run, CaptureStore::open(path));
        question.runs.push_back(std::move(run));
    }
    return {};
}

Result<std::shared_ptr<const void>> prepare(const FigureData& figure) {
    SINKSCOPE_TRY(KeySpaceRecipe recipe, KeySpaceRecipe::fromJson(figure.recipe));
    KeySpaceQuestion question = recipe.question;
    question.capture = figure.capture;
    question.sample = figure.sample;
    question.layer = figure.layer;
    question.head = figure.head;
    question.query = recipe.options.query;
    if (figure.analysis)
        question.sinks = figure.analysis->parameters;
    SINKSCOPE_CHECK(openRuns(recipe.runs, question));
    JobContext context;
    SINKSCOPE_TRY(auto data, loadKeySpace(question, context));
    if (data->gap == KeySpaceData::Gap::SpaceMissing)
        return Error{ErrorCode::Unavailable, "the capture holds no " + std::string(nameOf(question.space)) + " vectors", {}};
    if (data->gap == KeySpaceData::Gap::LayerMissing)
        return Error{ErrorCode::Unavailable, "the capture holds no layer " + std::to_string(figure.layer) + " of that sample", {}};
    if (data->gap == KeySpaceData::Gap::TooShort)
        return Error{ErrorCode::InvalidArgument, "a text of fewer than " + std::to_string(KeySpaceData::kFewestTokens) + " tokens spans no space", {}};
    return std::shared_ptr<const void>(std::make_shared<const Prepared>(Prepared{std::move(recipe), std::move(data)}));
}

double heightFor(const FigureData&, double width) { return width * 0.75; }

/// Pictures get the geometry as pixels, with everything in front of or behind everything else. Files of lines and shapes get it as such up to a
/// number of points; above that the points alone are a picture.
void paintGeometry(QPainter& painter, const SceneState& state, const KeySpaceRecipe& recipe, const Theme& theme, double pixelRatio) {
    SceneRaster::Request request{.scene = state.scene, .camera = state.camera, .theme = &theme, .pixelRatio = pixelRatio, .transparent = recipe.transparent};
    const QRectF area(QPointF(0, 0), state.camera.viewport());
    if (painter.paintEngine()->type() == QPaintEngine::Raster)
        return painter.drawImage(area, SceneRaster().draw(request));
    const bool shapes = state.scene->size() <= recipe.vectorLimit;
    paintVectors(painter, *state.scene, state.camera, theme, shapes);
    if (shapes)
        return;
    request.transparent = true;
    request.pointsOnly = true;
    painter.drawImage(area, SceneRaster().draw(request));
}

void paint(QPainter& painter, const QSizeF& size, const FigureData& figure, const Theme& theme) {
    const auto prepared = std::static_pointer_cast<const Prepared>(figure.prepared);
    if (!prepared)
        return;
    const KeySpaceData& data = *prepared->data;
    const KeySpaceRecipe& recipe = prepared->recipe;

    // The overlay is laid out in pixels of the theme's fonts; the unit is chosen so that these get the size that the recipe asks for.
    const double fontPoints = std::clamp(figure.recipe.value(QLatin1String("font_pt")).toDouble(8), 3.0, 40.0);
    const double unit = fontPoints / theme.smallFont.pixelSize(); // points per logical pixel
    const double dpi = std::clamp(figure.recipe.value(QLatin1String("dpi")).toDouble(300), 36.0, 1200.0);
    QFont titleFont = theme.font;
    titleFont.setWeight(QFont::DemiBold);
    const double top = QFontMetricsF(titleFont).height() + 6;
    const QSizeF logical = size / unit;

    SceneState state;
    state.scene = keySpaceScene(data, recipe.options, figure.analysis.get());
    state.camera.setViewport(QSizeF(logical.width(), logical.height() - top));
    state.camera.setOrthographic(recipe.orthographic);
    state.camera.frame(state.scene->box);
    state.camera.lookFrom(recipe.azimuth, recipe.elevation);
    state.focus.selected = data.pointOfToken(recipe.token);
    state.focus.marked = data.pointsOfTokens(recipe.marked);

    painter.save();
    painter.scale(unit, unit);
    painter.setRenderHints(QPainter::Antialiasing | QPainter::TextAntialiasing | QPainter::SmoothPixmapTransform);
    painter.setFont(titleFont);
    painter.setPen(theme.text);
    painter.drawText(QRectF(8, 2, logical.width() - 16, top), Qt::AlignLeft | Qt::AlignVCenter, KeySpaceText::title(data.question));
    painter.translate(0, top);
    paintGeometry(painter, state, recipe, theme, unit * dpi / 72);
    paintMarks(painter, state, theme);
    painter.restore();
}

std::string quoted(std::string_view text) {
    std::string result = "\"";
    for (const char c : text)
        result += c == '"' ? "\"\"" : std::string(1, c);
    return result + "\"";
}

/// One row per point: where it is, what it is.
Result<std::string> csv(const FigureData& figure) {
    const KeySpaceData& data = *std::static_pointer_cast<const Prepared>(figure.prepared)->data;
    const Projection& projection = *data.projection;
    std::string text;
    for (int k = 0; k < projection.dimensions; ++k)
        text += static_cast<char>('x' + k) + std::string(",");
    text += "kind,sample,layer,head,group,token,position,text,token_class,received,norm,sink,clipped\n";
    char number[64];
    const auto add = [&](double value) {
        if (std::isnan(value))
            return text.append(",");
        std::snprintf(number, sizeof number, "%.9g,", value);
        return text.append(number);
    };
    for (int i = 0; i < data.count(); ++i) {
        for (int k = 0; k < projection.dimensions; ++k)
            add(static_cast<double>(projection.coordinates[static_cast<std::size_t>(i * projection.dimensions + k)]));
        const CloudPoint& point = data.point(i);
        const bool anchor = std::find(data.anchors.begin(), data.anchors.end(), i) != data.anchors.end();
        text += std::string(nameOf(point.kind)) + ",";
        for (const int value : {point.sample, point.layer, point.head, point.group, point.token, point.position})
            text += std::to_string(value) + ",";
        text += quoted(textOf(*figure.header, point)) + "," + std::string(nameOf(point.tokenClass)) + ",";
        add(static_cast<double>(data.received[static_cast<std::size_t>(i)]));
        add(static_cast<double>(point.norm));
        text += std::string(anchor ? "1," : "0,") + (point.clipped ? "1\n" : "0\n");
    }
    return text;
}

} // namespace

namespace registry_figures {
extern const FigureSpec key_space;
const FigureSpec key_space{
    .id = "key_space",
    .title = QT_TRANSLATE_NOOP("Figures", "Key space"),
    .rasterOnly = false,
    .heightFor = heightFor,
    .paint = paint,
    .prepare = prepare,
    .csv = csv,
};
} // namespace registry_figures

} // namespace sinkscope
