// SPDX-License-Identifier: Apache-2.0
#include "views/models/head_metrics.h"

#include "views/models/sinks.h"

#include <algorithm>
#include <limits>

namespace sinkscope {

std::vector<std::optional<double>> metricOfHeads(const MetricSpec& metric, const SampleTokens& tokens, const LayerStatistics& statistics,
                                                 const MetricParameters& parameters) {
    std::vector<std::optional<double>> values;
    for (int head = 0; head < statistics.heads; ++head)
        values.push_back(metric.evaluate({tokens, statistics, head}, parameters));
    return values;
}

void HeadMetrics::setMetric(const MetricSpec* metric) {
    m_metric = metric;
    m_values.clear();
}

const std::vector<std::optional<double>>* HeadMetrics::layerValues(int sample, int layer) {
    if (const auto known = m_values.find({sample, layer}); known != m_values.end())
        return &known->second;
    const auto statistics = m_session.statistics(sample, layer);
    if (!m_metric || !statistics)
        return nullptr;
    const SampleTokens& tokens = *m_session.header()->samples[static_cast<std::size_t>(sample)];
    auto values = metricOfHeads(*m_metric, tokens, *statistics, metricParametersOf(m_session));
    return &m_values.emplace(std::pair(sample, layer), std::move(values)).first->second;
}

std::optional<double> HeadMetrics::value(int sample, int layer, int head) {
    const auto* values = layerValues(sample, layer);
    return values && head < static_cast<int>(values->size()) ? (*values)[static_cast<std::size_t>(head)] : std::nullopt;
}

std::pair<double, double> HeadMetrics::range(int sample) {
    double low = std::numeric_limits<double>::infinity(), high = -low;
    const CaptureHeader* header = m_session.header();
    for (int layer = 0; header && layer < header->layers; ++layer)
        if (const auto* values = layerValues(sample, layer))
            for (const auto& value : *values)
                if (value) {
                    low = std::min(low, *value);
                    high = std::max(high, *value);
                }
    return {low, high};
}

} // namespace sinkscope
