// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "views/session_model.h"

#include <map>
#include <optional>
#include <utility>
#include <vector>

namespace sinkscope {

/// Values of one metric for every head of one sample, computed when a layer is first asked for and kept. Thread: gui (one layer takes
/// microseconds).
class HeadMetrics {
public:
    explicit HeadMetrics(const SessionModel& session) : m_session(session) {}
    void setMetric(const MetricSpec* metric);
    [[nodiscard]] const MetricSpec* metric() const { return m_metric; }
    /// Forget everything (another capture or sample), or one layer.
    void clear() { m_values.clear(); }
    void forget(int sample, int layer) { m_values.erase({sample, layer}); }

    /// Nothing when the layer has not arrived or the metric has no value there.
    [[nodiscard]] std::optional<double> value(int sample, int layer, int head);
    /// Smallest and largest value over the layers that have arrived.
    [[nodiscard]] std::pair<double, double> range(int sample);

private:
    const std::vector<std::optional<double>>* layerValues(int sample, int layer);
    const SessionModel& m_session;
    const MetricSpec* m_metric = nullptr;
    std::map<std::pair<int, int>, std::vector<std::optional<double>>> m_values;
};

/// Every metric value that statistics can give for the heads of one layer. Thread: any.
std::vector<std::optional<double>> metricOfHeads(const MetricSpec& metric, const SampleTokens& tokens, const LayerStatistics& statistics,
                                                 const MetricParameters& parameters);

} // namespace sinkscope
