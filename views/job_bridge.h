// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/jobs/job_pool.h"

#include <QObject>
#include <QPointer>

namespace sinkscope {

/// The only hop between worker threads and the GUI thread: runs work on the pool and brings its result back as a queued call on
/// the GUI thread, dropped if the receiver has died meanwhile.
class JobBridge : public QObject {
    Q_OBJECT
public:
    explicit JobBridge(JobPool& pool, QObject* parent = nullptr) : QObject(parent), m_pool(pool) {}

    /// `work` runs on a worker and must own (copy, or share as const) everything it uses. `done(Result<T>)` and
    /// `progress(fraction, text)` run on the GUI thread. Thread: gui.
    template <typename T, typename Work, typename Done>
    JobHandle run(QObject* receiver, Strand strand, Work work, Done done,
                  std::function<void(double, const QString&)> progress = {}) {
        QPointer<QObject> guard(receiver);
        JobContext::ProgressFunction report;
        if (progress)
            report = [this, guard, progress](double fraction, const std::string& text) {
                post([guard, progress, fraction, text] {
                    if (guard)
                        progress(fraction, QString::fromStdString(text));
                });
            };
        return m_pool.submit<T>(
            strand, std::move(work),
            [this, guard, done = std::move(done)](Result<T> result) {
                auto shared = std::make_shared<Result<T>>(std::move(result));
                post([guard, done, shared] {
                    if (guard)
                        done(std::move(*shared));
                });
            },
            std::move(report));
    }

    /// Runs `function` on the GUI thread later. Thread: any. The pool must be destroyed before the bridge.
    void post(std::function<void()> function) { QMetaObject::invokeMethod(this, std::move(function), Qt::QueuedConnection); }

    [[nodiscard]] JobPool& pool() { return m_pool; }

private:
    JobPool& m_pool;
};

} // namespace sinkscope
