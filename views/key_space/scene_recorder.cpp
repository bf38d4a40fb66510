// SPDX-License-Identifier: Apache-2.0
#include "views/key_space/scene_recorder.h"

#include <QDir>

namespace sinkscope {

namespace {
constexpr int kMostWaiting = 8; // pictures in memory; a slow disk then slows the recording
} // namespace

SceneRecorder::SceneRecorder(JobBridge& jobs, std::function<QImage()> picture, QObject* parent)
    : QObject(parent), m_jobs(jobs), m_picture(std::move(picture)) {
    m_clock.setInterval(1000 / kFramesPerSecond);
    connect(&m_clock, &QTimer::timeout, this, &SceneRecorder::take);
}

void SceneRecorder::start(const QString& folder) {
    m_folder = folder;
    m_frames = 0;
    m_clock.start();
    take();
}

void SceneRecorder::stop() {
    if (!isRecording())
        return;
    m_clock.stop();
    Q_EMIT stopped(m_frames);
}

void SceneRecorder::take() {
    if (m_writing >= kMostWaiting)
        return;
    ++m_frames;
    ++m_writing;
    const QString file = QDir(m_folder).filePath(QStringLiteral("frame_%1.png").arg(m_frames, 4, 10, QLatin1Char('0')));
    m_jobs.run<bool>(this, Strand::Free, [image = m_picture(), file](JobContext&) -> Result<bool> { return image.save(file, "png"); },
                     [this, file](const Result<bool>& written) {
                         --m_writing;
                         if (written && *written)
                             return;
                         m_clock.stop();
                         Q_EMIT failed(file);
                     });
}

} // namespace sinkscope
