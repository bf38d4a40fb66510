// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "views/job_bridge.h"

#include <QImage>
#include <QTimer>

#include <functional>

namespace sinkscope {

/// Writes pictures of a view as numbered PNG files, at a steady rate, until it is stopped. Files are written by a worker. Thread: gui.
class SceneRecorder : public QObject {
    Q_OBJECT
public:
    SceneRecorder(JobBridge& jobs, std::function<QImage()> picture, QObject* parent);

    /// Into frame_0001.png and so on; files of that name are replaced.
    void start(const QString& folder);
    void stop();
    [[nodiscard]] bool isRecording() const { return m_clock.isActive(); }
    [[nodiscard]] int frames() const { return m_frames; }
    static constexpr int kFramesPerSecond = 25;

Q_SIGNALS:
    void stopped(int frames);
    void failed(const QString& file);

private:
    void take();
    JobBridge& m_jobs;
    std::function<QImage()> m_picture;
    QString m_folder;
    QTimer m_clock;
    int m_frames = 0, m_writing = 0;
};

} // namespace sinkscope
