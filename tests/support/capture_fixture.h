// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "support/capture_data.h"

#include <QDir>
#include <QFileInfo>
#include <QTemporaryDir>

namespace sinkscope::test {

/// A temporary folder, in memory where the system has such a place: removing half-written captures from a busy disk takes seconds.
class ScratchFolder : public QTemporaryDir {
public:
    ScratchFolder() : QTemporaryDir(QFileInfo(QStringLiteral("/dev/shm")).isWritable() ? QStringLiteral("/dev/shm/sinkscope-XXXXXX")
                                                                                       : QDir::tempPath() + QStringLiteral("/sinkscope-XXXXXX")) {}
};

inline std::filesystem::path fileIn(const QTemporaryDir& folder, const char* name = "capture.h5") {
    return std::filesystem::path(folder.path().toStdString()) / name;
}

} // namespace sinkscope::test
