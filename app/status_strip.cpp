// SPDX-License-Identifier: Apache-2.0
#include "app/status_strip.h"

#include "app/system_memory.h"
#include "views/models/text_format.h"

#include <QLabel>
#include <QProgressBar>
#include <QToolButton>

#include <thread>

namespace sinkscope {

StatusStrip::StatusStrip(JobBridge& jobs, QWidget* parent)
    : QStatusBar(parent), m_jobs(jobs), m_activity(new QLabel), m_progress(new QProgressBar), m_cancel(new QToolButton), m_memory(new QLabel),
      m_warnings(new QToolButton) {
    setSizeGripEnabled(false);
    m_progress->setRange(0, 1000);
    m_progress->setTextVisible(false);
    m_progress->setFixedWidth(180);
    m_progress->setAccessibleName(tr("Progress"));
    m_cancel->setText(QStringLiteral("✕"));
    m_cancel->setAutoRaise(true);
    m_cancel->setToolTip(tr("Stop"));
    m_cancel->setAccessibleName(tr("Stop"));
    m_warnings->setAutoRaise(true);
    m_warnings->setToolTip(tr("Show the log"));
    addPermanentWidget(m_activity);
    addPermanentWidget(m_progress);
    addPermanentWidget(m_cancel);
    addPermanentWidget(m_memory);
    addPermanentWidget(m_warnings);
    connect(m_cancel, &QToolButton::clicked, this, &StatusStrip::cancelRequested);
    connect(m_warnings, &QToolButton::clicked, this, &StatusStrip::logRequested);
    endActivity({});
    showWarnings(0);
    m_memoryTimer.setInterval(2000);
    connect(&m_memoryTimer, &QTimer::timeout, this, &StatusStrip::readMemory);
    m_memoryTimer.start();
    readMemory();
}

void StatusStrip::showActivity(const QString& name, double fraction) {
    m_activity->setText(name);
    m_progress->setRange(0, fraction < 0 ? 0 : 1000); // no range: busy
    if (fraction >= 0)
        m_progress->setValue(static_cast<int>(fraction * 1000));
    m_progress->show();
    m_cancel->show();
}

void StatusStrip::endActivity(const QString& message) {
    m_activity->clear();
    m_progress->hide();
    m_cancel->hide();
    if (!message.isEmpty())
        showMessage(message, 6000);
}

void StatusStrip::showWarnings(int warnings) { m_warnings->setText(tr("Warnings: %1").arg(warnings)); }

void StatusStrip::readMemory() {
    m_jobs.run<std::uint64_t>(
        this, Strand::Free, [](JobContext&) -> Result<std::uint64_t> { return residentMemory(); },
        [this](const Result<std::uint64_t>& bytes) {
            if (bytes)
                m_memory->setText(tr("Threads: %1 · %2").arg(std::thread::hardware_concurrency()).arg(byteText(*bytes)));
        });
}

} // namespace sinkscope
