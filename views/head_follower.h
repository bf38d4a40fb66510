// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "views/seen_follower.h"
#include "views/view_spec.h"

namespace sinkscope {

/// Follows the selected head: out of date when another sample or head is chosen, another capture is opened, or the layer has arrived. Thread: gui.
class HeadFollower : public SeenFollower {
    Q_OBJECT
public:
    HeadFollower(const ViewContext& context, QWidget* panel);

    [[nodiscard]] int sample() const { return m_context.selection.sample().value; }
    [[nodiscard]] int layer() const { return m_context.selection.layer().value; }
    [[nodiscard]] int head() const { return m_context.selection.head().value; }
    /// Of the selected layer; null until it has arrived, and when the capture has no such head.
    [[nodiscard]] SessionModel::StatisticsPtr statistics() const;
    /// Of the selected sample; null when there is none.
    [[nodiscard]] const SampleTokens* tokens() const;

private:
    ViewContext m_context;
};

/// The newest of a row of requests to a worker: a new one cancels the one before, and what still comes of that is dropped. A member of the
/// receiver of its results, so that it lives as long. Thread: gui.
template <typename T> class LatestJob {
public:
    void cancel() {
        m_job.cancel();
        ++m_generation;
    }
    /// `work(JobContext&)` returns Result<T> on a worker and owns what it uses; `done(Result<T>)` is not called for cancelled work.
    template <typename Work, typename Done>
    void run(JobBridge& jobs, QObject* receiver, Work work, Done done, Strand strand = Strand::Free,
             std::function<void(double, const QString&)> progress = {}) {
        cancel();
        m_job = jobs.run<T>(receiver, strand, std::move(work),
                            [this, generation = m_generation, done = std::move(done)](Result<T> result) {
                                if (generation == m_generation && (result || result.error().code != ErrorCode::Cancelled))
                                    done(std::move(result));
                            },
                            std::move(progress));
    }

private:
    JobHandle m_job;
    std::uint64_t m_generation = 0;
};

} // namespace sinkscope
