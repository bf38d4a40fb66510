// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/analysis/analysis.h"
#include "views/job_bridge.h"
#include "views/session_model.h"

#include <QTimer>

#include <map>
#include <optional>
#include <vector>

namespace sinkscope {

/// Every metric averaged over heads, per layer, as statistics arrive; computed in workers. Thread: gui.
class DepthProfile : public QObject {
    Q_OBJECT
public:
    DepthProfile(SessionModel& session, JobBridge& jobs, QObject* parent);

    /// [layer] mean over the samples whose layer has arrived. Once the run has been analysed, with its 95 % interval over samples when
    /// `requestIntervals` has been answered; until then low = high = value.
    [[nodiscard]] std::vector<std::optional<Estimate>> line(const MetricSpec& metric) const;
    /// Asks for intervals of these metrics; `changed` follows.
    void requestIntervals(const std::vector<const MetricSpec*>& metrics);

Q_SIGNALS:
    void changed();

private:
    using Means = std::map<std::pair<int, int>, std::vector<std::optional<double>>>; ///< by (sample, layer): [metric]
    void restart();
    void collect();

    SessionModel& m_session;
    JobBridge& m_jobs;
    QTimer m_timer;                                  ///< gathers arrivals, so that a burst becomes one job
    std::vector<std::pair<int, int>> m_pending;      ///< (sample, layer)
    Means m_means;
    std::map<const MetricSpec*, std::vector<std::optional<Estimate>>> m_intervals;
    JobHandle m_collecting, m_estimating;
    std::uint64_t m_generation = 0;
};

} // namespace sinkscope
