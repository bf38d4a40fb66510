// SPDX-License-Identifier: Apache-2.0
#include "views/figures/figure_spec.h"
#include "views/figures/figure_title.h"
#include "views/models/text_format.h"
#include "views/paint/value_space.h"

namespace sinkscope {
namespace {

Result<std::shared_ptr<const void>> prepare(const FigureData& data) {
    const auto& statistics = data.statistics[static_cast<std::size_t>(data.layer)];
    if (!statistics)
        return Error{ErrorCode::InvalidArgument, "figure recipe: the capture does not hold layer " + std::to_string(data.layer), {}};
    JobContext context;
    auto content = std::make_shared<ValueSpaceContent>();
    SINKSCOPE_TRY(content->space, valueSpaceOf(*data.capture, data.sample, data.head, statistics, MetricParameters{}, context));
    content->labels = tokenLabels(*data.header->samples[static_cast<std::size_t>(data.sample)], sinksOfHead(*statistics, data.head, MetricParameters{}));
    return std::shared_ptr<const void>(std::move(content));
}

double heightFor(const FigureData& data, double width) {
    QFont font(QStringLiteral("DejaVu Sans"));
    font.setPixelSize(qRound(data.recipe.value(QLatin1String("font_pt")).toDouble(8)));
    return valueSpaceHeight(width, *static_cast<const ValueSpaceContent*>(data.prepared.get()), font) + figureTitleHeight(font);
}

void paint(QPainter& painter, const QSizeF& size, const FigureData& data, const Theme& theme) {
    const auto& content = *static_cast<const ValueSpaceContent*>(data.prepared.get());
    const double top = paintFigureTitle(painter, size.width(), headTitle(LayerId(data.layer), HeadId(data.head)), theme);
    const QRectF area(0, top, size.width(), size.height() - top);
    paintValueSpace(painter, layoutValueSpace(area, content, theme.smallFont), content, theme.smallFont, theme);
}

} // namespace

namespace registry_figures {
extern const FigureSpec value_space;
const FigureSpec value_space{.id = "value_space",
                             .title = QT_TRANSLATE_NOOP("Figures", "Value space"),
                             .rasterOnly = false,
                             .heightFor = heightFor,
                             .paint = paint,
                             .prepare = prepare};
} // namespace registry_figures
} // namespace sinkscope
