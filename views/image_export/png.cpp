// SPDX-License-Identifier: Apache-2.0
#include "views/image_export/image_exporter_spec.h"

#include <QImage>
#include <QImageWriter>

namespace sinkscope {
namespace {

constexpr double kInchesPerMetre = 1 / 0.0254;
constexpr double kLargestSide = 30'000; ///< pixels

Result<void> write(const ImagePage& page, const std::filesystem::path& path) {
    const double scale = page.dpi / 72;
    const QSizeF pixels = page.size * scale;
    if (pixels.width() > kLargestSide || pixels.height() > kLargestSide || pixels.width() < 1 || pixels.height() < 1)
        return Error{ErrorCode::InvalidArgument, "an image of " + std::to_string(pixels.width()) + " x " + std::to_string(pixels.height()) + " pixels", path};
    QImage image(pixels.toSize(), QImage::Format_ARGB32_Premultiplied);
    if (image.isNull())
        return Error{ErrorCode::OutOfMemory, "the image does not fit into memory", path};
    image.fill(page.transparent ? Qt::transparent : Qt::white);
    image.setDotsPerMeterX(qRound(page.dpi * kInchesPerMetre));
    image.setDotsPerMeterY(qRound(page.dpi * kInchesPerMetre));
    image.setText(QStringLiteral("Title"), page.title);
    image.setText(QStringLiteral("Software"), QStringLiteral("Sinkscope " SINKSCOPE_VERSION));
    image.setText(QStringLiteral("Sinkscope"), page.provenance);
    QPainter painter(&image);
    painter.setRenderHints(QPainter::Antialiasing | QPainter::TextAntialiasing);
    painter.scale(scale, scale);
    page.paint(painter);
    painter.end();
    QImageWriter writer(QString::fromStdString(path.string()), "png");
    if (!writer.write(image))
        return Error{ErrorCode::WriteFailed, writer.errorString().toStdString(), path};
    return {};
}

} // namespace

namespace registry_image_exporters {
extern const ImageExporterSpec png;
const ImageExporterSpec png{"png", QT_TRANSLATE_NOOP("Figures", "PNG image"), write};
} // namespace registry_image_exporters
} // namespace sinkscope
