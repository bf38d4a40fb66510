// SPDX-License-Identifier: Apache-2.0
#include "core/io/atomic_write.h"
#include "views/image_export/font_subset.h"
#include "views/image_export/image_exporter_spec.h"

#include <QBuffer>
#include <QSvgGenerator>

namespace sinkscope {
namespace {

/// The drawing with its provenance and fonts put after the opening tag.
QByteArray completed(QByteArray svg, const ImagePage& page) {
    const qsizetype open = svg.indexOf("<svg");
    const qsizetype end = open < 0 ? -1 : svg.indexOf('>', open);
    if (end < 0)
        return svg;
    const QByteArray metadata = "\n<metadata id=\"sinkscope\">" + page.provenance.toHtmlEscaped().toUtf8() + "</metadata>\n";
    return svg.insert(end + 1, metadata + embeddedFonts(svg));
}

Result<void> write(const ImagePage& page, const std::filesystem::path& path) {
    QByteArray bytes;
    QBuffer buffer(&bytes);
    buffer.open(QIODevice::WriteOnly);
    QSvgGenerator generator;
    generator.setOutputDevice(&buffer);
    generator.setSize(page.size.toSize());
    generator.setViewBox(QRectF(QPointF(0, 0), page.size));
    generator.setResolution(72); // one unit is a point
    generator.setTitle(page.title);
    generator.setDescription(QStringLiteral("Made by Sinkscope " SINKSCOPE_VERSION));
    QPainter painter;
    if (!painter.begin(&generator))
        return Error{ErrorCode::WriteFailed, "the SVG cannot be written", path};
    page.paint(painter);
    painter.end();
    buffer.close();
    const QByteArray whole = completed(bytes, page);
    return writeFileAtomically(path, {whole.constData(), static_cast<std::size_t>(whole.size())});
}

} // namespace

namespace registry_image_exporters {
extern const ImageExporterSpec svg;
const ImageExporterSpec svg{"svg", QT_TRANSLATE_NOOP("Figures", "SVG drawing"), write};
} // namespace registry_image_exporters
} // namespace sinkscope
