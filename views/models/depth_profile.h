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

/// Every metric averaged over heads, per layer. Once the run has been analysed the numbers come from the analysis, with their 95 % intervals over
/// samples; until then the means of those that statistics alone can give are computed in workers as layers arrive. Thread: gui.
class DepthProfile : public QObject {
    Q_OBJECT
public:
    DepthProfile(SessionModel& session, JobBridge& jobs, QObject* parent);

    /// [layer] mean over samples, or with `sample` >= 0 the values of that sample. Before the analysis, and for one sample, low = high = value.
    [[nodiscard]] std::vector<std::optional<Estimate>> line(const MetricSpec& metric, int sample = -1) const;

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
    JobHandle m_collecting;
    std::uint64_t m_generation = 0;
};

/// [layer] of one metric from an analysis, as DepthProfile::line gives it. Thread: any.
std::vector<std::optional<Estimate>> depthOfAnalysis(const AnalysisResult& analysis, const MetricSpec& metric, int sample, int layers);

} // namespace sinkscope
