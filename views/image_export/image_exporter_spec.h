// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"

#include <QPainter>
#include <QSizeF>
#include <QString>

#include <filesystem>
#include <functional>
#include <span>

namespace sinkscope {

struct ImagePage {
    QSizeF size;             ///< points (1/72 inch)
    double dpi = 300;        ///< of raster output and of images inside vector output
    bool transparent = false; ///< pixels without a ground, where the format can
    QString title;
    QString provenance;      ///< recipe and version as JSON; goes into the file's metadata
    std::function<void(QPainter&)> paint; ///< draws in points
};

/// A file format for figures. Registered in views/CMakeLists.txt (list `image_exporters`).
struct ImageExporterSpec {
    const char* extension; ///< without dot
    const char* title;
    Result<void> (*write)(const ImagePage& page, const std::filesystem::path& path);
};
std::span<const ImageExporterSpec* const> image_exporters();

} // namespace sinkscope
