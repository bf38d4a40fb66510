// SPDX-License-Identifier: Apache-2.0
#include "core/capture/capture_store.h"
#include "core/io/atomic_write.h"
#include "views/figures/figure_spec.h"
#include "views/image_export/image_exporter_spec.h"

#include <QCoreApplication>
#include <QJsonDocument>

#include <algorithm>
#include <cmath>

namespace sinkscope {
namespace {

constexpr double kPointsPerMm = 72.0 / 25.4;

/// Range of a number in a recipe, and what stands when it is absent.
struct NumberRule {
    const char* key;
    double standard, low, high;
};
constexpr NumberRule kNumbers[] = {
    {"width_mm", 140, 20, 600}, {"height_mm", 0, 0, 800}, {"font_pt", 8, 4, 24}, {"dpi", 300, 36, 1200}};

Error invalid(const QString& what) { return Error{ErrorCode::InvalidArgument, "figure recipe: " + what.toStdString(), {}}; }

const FigureSpec* findFigure(const QString& id) {
    for (const FigureSpec* figure : figures())
        if (id == QLatin1String(figure->id))
            return figure;
    return nullptr;
}

Result<int> indexIn(const QJsonObject& recipe, const char* key, int count) {
    const QJsonValue value = recipe.value(QLatin1String(key));
    const double number = value.isUndefined() ? 0.0 : value.toDouble(-1);
    if (number < 0 || number >= count || number != std::floor(number))
        return invalid(QStringLiteral("\"%1\" must be a whole number from 0 to %2").arg(QLatin1String(key)).arg(count - 1));
    return static_cast<int>(number);
}

Result<QJsonObject> withDefaults(QJsonObject recipe) {
    for (const NumberRule& rule : kNumbers) {
        const QLatin1String key(rule.key);
        if (!recipe.contains(key))
            recipe.insert(key, rule.standard);
        const double value = recipe.value(key).toDouble(std::nan(""));
        if (!(value >= rule.low && value <= rule.high))
            return invalid(QStringLiteral("\"%1\" must lie between %2 and %3").arg(key).arg(rule.low).arg(rule.high));
    }
    return recipe;
}

/// Statistics of the sample in every layer; null for layers that the capture does not hold.
Result<void> readStatistics(FigureData& data) {
    data.statistics.resize(static_cast<std::size_t>(data.header->layers));
    for (const int layer : data.header->capturedLayers)
        if (data.capture->hasLayer(data.sample, layer)) {
            SINKSCOPE_TRY(data.statistics[static_cast<std::size_t>(layer)], data.capture->statistics(data.sample, layer));
        }
    return {};
}

/// The light theme with its fonts at a size in points of the page.
Theme figureTheme(double points) {
    Theme theme = Theme::light();
    for (QFont* font : {&theme.font, &theme.smallFont, &theme.headerFont}) {
        font->setFamilies({QStringLiteral("DejaVu Sans"), QStringLiteral("Noto Sans")}); // a font that the exporters can embed
        font->setPixelSize(std::max(1, qRound(points))); // the painter's unit is the point
        font->setHintingPreference(QFont::PreferNoHinting);
    }
    theme.font.setPixelSize(std::max(1, qRound(points * 1.1)));
    return theme;
}

/// In points.
QSizeF pageSize(const FigureData& data, const FigureSpec& figure) {
    const double width = data.recipe.value(QLatin1String("width_mm")).toDouble() * kPointsPerMm;
    const double height = data.recipe.value(QLatin1String("height_mm")).toDouble() * kPointsPerMm;
    return {width, height > 0 ? height : figure.heightFor(data, width)};
}

/// The recipe as a file needs it: it names the capture, where that is a file.
QJsonObject recipeWithCapture(const FigureData& data) {
    QJsonObject recipe = data.recipe;
    if (const auto* store = dynamic_cast<const CaptureStore*>(data.capture.get()))
        recipe.insert(QStringLiteral("capture"), QString::fromStdString(std::filesystem::absolute(store->path()).string()));
    return recipe;
}

QString provenanceOf(const FigureData& data) {
    QJsonObject object{{QStringLiteral("sinkscope_version"), QStringLiteral(SINKSCOPE_VERSION)},
                       {QStringLiteral("recipe"), data.recipe},
                       {QStringLiteral("model"), QString::fromStdString(data.header->title)},
                       {QStringLiteral("architecture"), QString::fromStdString(data.header->architecture)},
                       {QStringLiteral("positions"), QString::fromStdString(data.header->positions)},
                       {QStringLiteral("bos_present"), data.header->bosPresent},
                       {QStringLiteral("created_utc"), QString::fromStdString(data.header->createdUtc)}};
    return QString::fromUtf8(QJsonDocument(object).toJson(QJsonDocument::Compact));
}

} // namespace

Result<std::shared_ptr<const FigureData>> prepareFigure(const QJsonObject& recipe, std::shared_ptr<CaptureSource> capture,
                                                        std::shared_ptr<const AnalysisResult> analysis) {
    if (!capture)
        return invalid(QStringLiteral("there is no capture to draw from"));
    const QString id = recipe.value(QLatin1String("figure")).toString();
    const FigureSpec* figure = findFigure(id);
    if (!figure) {
        QStringList known;
        for (const FigureSpec* one : figures())
            known.append(QLatin1String(one->id));
        return invalid(QStringLiteral("\"%1\" is no figure; there are %2").arg(id, known.join(QStringLiteral(", "))));
    }
    auto data = std::make_shared<FigureData>();
    SINKSCOPE_TRY(data->recipe, withDefaults(recipe));
    data->capture = std::move(capture);
    data->analysis = std::move(analysis);
    data->header = &data->capture->header();
    SINKSCOPE_TRY(data->sample, indexIn(recipe, "sample", static_cast<int>(data->header->samples.size())));
    SINKSCOPE_TRY(data->layer, indexIn(recipe, "layer", data->header->layers));
    SINKSCOPE_TRY(data->head, indexIn(recipe, "head", data->header->heads));
    SINKSCOPE_CHECK(readStatistics(*data));
    if (figure->prepare) {
        SINKSCOPE_TRY(data->prepared, figure->prepare(*data));
    }
    return std::shared_ptr<const FigureData>(std::move(data));
}

Result<std::shared_ptr<const FigureData>> prepareFigure(const QJsonObject& recipe, const std::filesystem::path& baseFolder) {
    const QString name = recipe.value(QLatin1String("capture")).toString();
    if (name.isEmpty())
        return invalid(QStringLiteral("\"capture\" names no file"));
    const std::filesystem::path path(name.toStdString());
    SINKSCOPE_TRY(auto store, CaptureStore::open(path.is_absolute() ? path : baseFolder / path));
    return prepareFigure(recipe, std::shared_ptr<CaptureSource>(std::move(store)));
}

QImage drawFigure(const FigureData& data, const QSize& room) {
    const FigureSpec* figure = findFigure(data.recipe.value(QLatin1String("figure")).toString());
    if (!figure)
        return {};
    const Theme theme = figureTheme(data.recipe.value(QLatin1String("font_pt")).toDouble());
    const QSizeF size = pageSize(data, *figure);
    const double scale = std::min(room.width() / size.width(), room.height() / size.height());
    QImage image((size * scale).toSize().expandedTo(QSize(1, 1)), QImage::Format_ARGB32_Premultiplied);
    image.fill(Qt::white);
    QPainter painter(&image);
    painter.setRenderHints(QPainter::Antialiasing | QPainter::TextAntialiasing);
    painter.scale(scale, scale);
    figure->paint(painter, size, data, theme);
    return image;
}

Result<void> writeFigure(const FigureData& data, const std::filesystem::path& output) {
    const QString extension = QString::fromStdString(output.extension().string()).mid(1).toLower();
    const ImageExporterSpec* exporter = nullptr;
    for (const ImageExporterSpec* one : image_exporters())
        if (extension == QLatin1String(one->extension))
            exporter = one;
    const FigureSpec* figure = findFigure(data.recipe.value(QLatin1String("figure")).toString());
    if (figure && extension == QLatin1String("json"))
        return writeFileAtomically(output, QJsonDocument(recipeWithCapture(data)).toJson().toStdString());
    if (figure && figure->csv && extension == QLatin1String("csv")) {
        SINKSCOPE_TRY(const std::string table, figure->csv(data));
        return writeFileAtomically(output, table);
    }
    if (!exporter || !figure)
        return invalid(QStringLiteral("\".%1\" is no figure format; there are .pdf, .svg, .png, .json, and .csv for some").arg(extension));
    const Theme theme = figureTheme(data.recipe.value(QLatin1String("font_pt")).toDouble());
    ImagePage page;
    page.size = pageSize(data, *figure);
    page.dpi = data.recipe.value(QLatin1String("dpi")).toDouble();
    page.title = QCoreApplication::translate("Figures", figure->title) + QStringLiteral(" — ") + QString::fromStdString(data.header->title);
    page.transparent = data.recipe.value(QLatin1String("transparent")).toBool();
    page.provenance = provenanceOf(data);
    page.paint = [&](QPainter& painter) { figure->paint(painter, page.size, data, theme); };
    return replaceFileAtomically(output, [&](const std::filesystem::path& temporary) { return exporter->write(page, temporary); });
}

} // namespace sinkscope
