// SPDX-License-Identifier: Apache-2.0
#include "views/image_export/image_exporter_spec.h"

#include <QFile>
#include <QPageSize>
#include <QPdfWriter>

namespace sinkscope {
namespace {

constexpr int kUnitsPerInch = 1200;

Result<void> write(const ImagePage& page, const std::filesystem::path& path) {
    QFile file(QString::fromStdString(path.string()));
    if (!file.open(QIODevice::WriteOnly))
        return Error{ErrorCode::WriteFailed, file.errorString().toStdString(), path};
    QPdfWriter writer(&file);
    writer.setPdfVersion(QPagedPaintDevice::PdfVersion_1_6);
    writer.setPageSize(QPageSize(page.size, QPageSize::Point, {}, QPageSize::ExactMatch));
    writer.setPageMargins(QMarginsF(0, 0, 0, 0));
    writer.setResolution(kUnitsPerInch);
    writer.setTitle(page.title);
    writer.setCreator(QStringLiteral("Sinkscope " SINKSCOPE_VERSION));
    writer.addFileAttachment(QStringLiteral("sinkscope-recipe.json"), page.provenance.toUtf8(), QStringLiteral("application/json"));
    QPainter painter;
    if (!painter.begin(&writer))
        return Error{ErrorCode::WriteFailed, "the PDF cannot be written", path};
    painter.setRenderHints(QPainter::Antialiasing | QPainter::TextAntialiasing);
    painter.scale(kUnitsPerInch / 72.0, kUnitsPerInch / 72.0);
    page.paint(painter);
    if (!painter.end())
        return Error{ErrorCode::WriteFailed, "the PDF was not written to its end", path};
    if (!file.flush() || file.error() != QFileDevice::NoError)
        return Error{ErrorCode::DiskFull, file.errorString().toStdString(), path};
    return {};
}

} // namespace

namespace registry_image_exporters {
extern const ImageExporterSpec pdf;
const ImageExporterSpec pdf{"pdf", QT_TRANSLATE_NOOP("Figures", "PDF document"), write};
} // namespace registry_image_exporters
} // namespace sinkscope
