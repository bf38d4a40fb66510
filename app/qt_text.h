// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <QFile>
#include <QString>

#include <filesystem>
#include <string_view>

namespace sinkscope {

/// Core's strings are UTF-8; paths are the file system's own bytes.
inline QString fromUtf8(std::string_view text) {
    return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()));
}
inline QString fromPath(const std::filesystem::path& path) {
    const std::string bytes = path.string();
    return QFile::decodeName(QByteArray(bytes.data(), static_cast<qsizetype>(bytes.size())));
}
inline std::filesystem::path toPath(const QString& path) { return QFile::encodeName(path).toStdString(); }

} // namespace sinkscope
