// SPDX-License-Identifier: Apache-2.0
#include "app/path_judge.h"

#include <QCoreApplication>
#include <QFileInfo>

namespace sinkscope {
namespace {

bool endsWithAny(const QString& name, std::initializer_list<QLatin1String> endings) {
    for (const QLatin1String ending : endings)
        if (name.endsWith(ending, Qt::CaseInsensitive))
            return true;
    return false;
}

} // namespace

QString PathJudgement::action() const {
    switch (kind) {
    case PathKind::Checkpoint:
        return QCoreApplication::translate("PathJudgement", "Open checkpoint %1").arg(name);
    case PathKind::Capture:
        return QCoreApplication::translate("PathJudgement", "Open capture %1").arg(name);
    case PathKind::Text:
        return QCoreApplication::translate("PathJudgement", "Use %1 as text").arg(name);
    case PathKind::Unknown:
        break;
    }
    return QCoreApplication::translate("PathJudgement", "Look at %1").arg(name);
}

PathJudgement judgePath(const QString& path) {
    const QFileInfo info(path);
    PathJudgement judgement{PathKind::Unknown, path, info.fileName()};
    if (judgement.name.isEmpty())
        judgement.name = path;
    if (info.isDir()) {
        judgement.kind = PathKind::Checkpoint;
        judgement.name = QFileInfo(info.absoluteFilePath()).fileName();
    } else if (endsWithAny(judgement.name, {QLatin1String(".safetensors"), QLatin1String(".index.json"), QLatin1String(".bin"), QLatin1String(".pt"),
                                             QLatin1String(".pth"), QLatin1String(".ckpt"), QLatin1String(".gguf")})) {
        judgement.kind = PathKind::Checkpoint;
        const QString folder = info.absolutePath().section(QLatin1Char('/'), -1);
        if ((judgement.name.startsWith(QLatin1String("model")) || judgement.name.startsWith(QLatin1String("pytorch_model"))) && !folder.isEmpty())
            judgement.name = folder; // every checkpoint's file is called model.*: the folder tells them apart
    } else if (endsWithAny(judgement.name, {QLatin1String(".h5"), QLatin1String(".hdf5")})) {
        judgement.kind = PathKind::Capture;
    } else if (endsWithAny(judgement.name, {QLatin1String(".txt"), QLatin1String(".text"), QLatin1String(".md")})) {
        judgement.kind = PathKind::Text;
    }
    return judgement;
}

} // namespace sinkscope
