// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/analysis/analysis.h"
#include "views/job_bridge.h"
#include "views/session_model.h"

#include <QTimer>

#include <map>
#include <optional>
#include <utility>
#include <vector>

namespace sinkscope {

/// One metric for every head, of one sample or averaged over all of them. Once the run has been analysed the numbers come from the analysis;
/// until then those that statistics alone can give are computed in workers as layers arrive. Thread: gui.
class HeadMetrics : public QObject {
    Q_OBJECT
public:
    HeadMetrics(SessionModel& session, JobBridge& jobs, QObject* parent = nullptr);

    void setMetric(const MetricSpec* metric);
    [[nodiscard]] const MetricSpec* metric() const { return m_metric; }
    void setSample(int sample);
    /// The mean over all samples instead of the one that `setSample` named.
    void setAveraged(bool averaged);
    [[nodiscard]] bool isAveraged() const { return m_averaged; }

    /// Nothing when the layer has not arrived or the metric has no value there. low = high = value for a single sample.
    [[nodiscard]] std::optional<Estimate> estimate(int layer, int head) const;
    [[nodiscard]] std::optional<double> value(int layer, int head) const;
    /// Smallest and largest value; first > second when there is none.
    [[nodiscard]] std::pair<double, double> range() const { return m_range; }

Q_SIGNALS:
    void changed();

private:
    using Values = std::vector<std::optional<double>>; ///< [head]
    using Places = std::map<std::pair<int, int>, Values>; ///< by (sample, layer)
    void restart();
    void collect();
    void rebuild();
    void averageArrived(int layers);
    void put(int layer, int head, const Estimate& estimate);
    [[nodiscard]] bool isWanted(int sample) const { return m_averaged || sample == m_sample; }

    SessionModel& m_session;
    JobBridge& m_jobs;
    QTimer m_timer; ///< gathers arrivals, so that a burst becomes one job
    const MetricSpec* m_metric = nullptr;
    int m_sample = 0;
    bool m_averaged = false;
    std::vector<std::pair<int, int>> m_pending; ///< (sample, layer)
    Places m_arrived;
    std::vector<std::vector<std::optional<Estimate>>> m_values; ///< [layer][head]
    std::pair<double, double> m_range{0, -1};
    JobHandle m_collecting;
    std::uint64_t m_generation = 0;
};

/// Every metric value that statistics can give for the heads of one layer; nothing for metrics of families. Thread: any.
std::vector<std::optional<double>> metricOfHeads(const MetricSpec& metric, const SampleTokens& tokens, const LayerStatistics& statistics,
                                                 const MetricParameters& parameters);
/// [layer][head] of one metric from an analysis: of a sample, or with `sample` < 0 the mean over samples with its interval. A metric of whole
/// layers has its value in every head. Thread: any.
std::vector<std::vector<std::optional<Estimate>>> headsOfAnalysis(const AnalysisResult& analysis, const MetricSpec& metric, int sample, int layers,
                                                                  int heads);

} // namespace sinkscope
