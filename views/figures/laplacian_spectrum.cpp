// SPDX-License-Identifier: Apache-2.0
#include "views/figures/figure_spec.h"
#include "views/figures/figure_title.h"
#include "views/models/text_format.h"
#include "views/paint/spectrum.h"

namespace sinkscope {
namespace {

Result<std::shared_ptr<const void>> prepare(const FigureData& data) {
    if (!data.statistics[static_cast<std::size_t>(data.layer)])
        return Error{ErrorCode::InvalidArgument, "figure recipe: the capture does not hold layer " + std::to_string(data.layer), {}};
    const std::string name = data.recipe.value(QLatin1String("spectrum")).toString(QStringLiteral("laplacian")).toStdString();
    const std::string null = data.recipe.value(QLatin1String("null")).toString(QStringLiteral("shuffled")).toStdString();
    const auto kind = spectrumKindOf(name);
    if (!kind)
        return Error{ErrorCode::InvalidArgument, "figure recipe: \"spectrum\" is laplacian, normalized or singular, not " + name, {}};
    if (null != "shuffled" && null != "entropy" && null != "none")
        return Error{ErrorCode::InvalidArgument, "figure recipe: \"null\" is shuffled, entropy or none, not " + null, {}};
    JobContext context;
    auto content = std::make_shared<SpectrumContent>();
    SINKSCOPE_TRY(content->spectrum, headSpectrum(*data.capture, data.sample, data.layer, data.head, *kind, context));
    if (null != "none") {
        const AttentionNull drawn = null == "entropy" ? AttentionNull::MatchedEntropy : AttentionNull::Shuffled;
        SINKSCOPE_TRY(content->band, spectrumBand(*data.capture, data.sample, data.layer, data.head, *kind, drawn, context));
    }
    return std::shared_ptr<const void>(std::move(content));
}

double heightFor(const FigureData&, double width) { return width * 0.5; }

void paint(QPainter& painter, const QSizeF& size, const FigureData& data, const Theme& theme) {
    const auto& content = *static_cast<const SpectrumContent*>(data.prepared.get());
    const QString title = headTitle(LayerId(data.layer), HeadId(data.head)) + QStringLiteral(" · ") + titleOf(content.spectrum->kind);
    const double top = paintFigureTitle(painter, size.width(), title, theme);
    const QRectF area(0, top, size.width(), size.height() - top);
    paintSpectrum(painter, area, layoutSpectrum(area, content, theme.smallFont), content, theme.smallFont, theme);
}

} // namespace

namespace registry_figures {
extern const FigureSpec laplacian_spectrum;
const FigureSpec laplacian_spectrum{.id = "laplacian_spectrum",
                                    .title = QT_TRANSLATE_NOOP("Figures", "Laplacian spectrum"),
                                    .rasterOnly = false,
                                    .heightFor = heightFor,
                                    .paint = paint,
                                    .prepare = prepare};
} // namespace registry_figures
} // namespace sinkscope
