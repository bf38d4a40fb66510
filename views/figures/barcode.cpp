// SPDX-License-Identifier: Apache-2.0
#include "views/figures/figure_spec.h"
#include "views/figures/figure_title.h"
#include "views/models/text_format.h"
#include "views/paint/barcode.h"

namespace sinkscope {
namespace {

Result<std::shared_ptr<const void>> prepare(const FigureData& data) {
    if (!data.statistics[static_cast<std::size_t>(data.layer)])
        return Error{ErrorCode::InvalidArgument, "figure recipe: the capture does not hold layer " + std::to_string(data.layer), {}};
    const std::string view = data.recipe.value(QLatin1String("view")).toString(QStringLiteral("bars")).toStdString();
    const std::string name = data.recipe.value(QLatin1String("filtration")).toString(QStringLiteral("mean")).toStdString();
    const auto filtration = filtrationOf(name);
    if (!filtration)
        return Error{ErrorCode::InvalidArgument, "figure recipe: \"filtration\" is mean, max or hellinger, not " + name, {}};
    if (view != "bars" && view != "diagram")
        return Error{ErrorCode::InvalidArgument, "figure recipe: \"view\" is bars or diagram, not " + view, {}};
    JobContext context;
    auto content = std::make_shared<BarcodeContent>();
    content->view = view == "bars" ? BarcodeView::Bars : BarcodeView::Diagram;
    SINKSCOPE_TRY(content->head, headBarcode(*data.capture, data.sample, data.layer, data.head, *filtration, context));
    return std::shared_ptr<const void>(std::move(content));
}

double heightFor(const FigureData&, double width) { return width * 0.95; }

void paint(QPainter& painter, const QSizeF& size, const FigureData& data, const Theme& theme) {
    const auto& content = *static_cast<const BarcodeContent*>(data.prepared.get());
    const double top = paintFigureTitle(painter, size.width(), headTitle(LayerId(data.layer), HeadId(data.head)), theme);
    const QRectF area(0, top, size.width(), size.height() - top);
    paintBarcode(painter, layoutBarcode(area, content, theme.smallFont), content, theme.smallFont, theme);
}

} // namespace

namespace registry_figures {
extern const FigureSpec barcode;
const FigureSpec barcode{.id = "barcode",
                         .title = QT_TRANSLATE_NOOP("Figures", "Persistence barcode"),
                         .rasterOnly = false,
                         .heightFor = heightFor,
                         .paint = paint,
                         .prepare = prepare};
} // namespace registry_figures
} // namespace sinkscope
