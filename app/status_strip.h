// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "views/job_bridge.h"

#include <QStatusBar>
#include <QTimer>

class QLabel;
class QProgressBar;
class QToolButton;

namespace sinkscope {

/// The status bar: what runs and how far it is, a button that stops it, threads, memory and warnings. Thread: gui.
class StatusStrip : public QStatusBar {
    Q_OBJECT
public:
    StatusStrip(JobBridge& jobs, QWidget* parent = nullptr);

public Q_SLOTS:
    void showActivity(const QString& name, double fraction);
    void endActivity(const QString& message);
    void showWarnings(int warnings);

Q_SIGNALS:
    void cancelRequested();
    void logRequested();

private:
    void readMemory();
    JobBridge& m_jobs;
    QLabel* m_activity;
    QProgressBar* m_progress;
    QToolButton* m_cancel;
    QLabel* m_memory;
    QToolButton* m_warnings;
    QTimer m_memoryTimer;
};

} // namespace sinkscope
