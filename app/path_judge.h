// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <QString>
#include <QStringList>

namespace sinkscope {

/// What a path probably is, from its name and one stat: good enough to tell a person before they let go. What it really is, opening
/// finds out from its content.
enum class PathKind { Checkpoint, Capture, Text, Unknown };

struct PathJudgement {
    PathKind kind = PathKind::Unknown;
    QString path;
    QString name; ///< last component, or the folder's for model.safetensors.index.json
    [[nodiscard]] QString action() const; ///< "Open checkpoint pythia-14m"
};

/// Thread: any; reads no content.
PathJudgement judgePath(const QString& path);

} // namespace sinkscope
