// SPDX-License-Identifier: Apache-2.0
#include "views/models/head_metrics.h"

#include "views/models/sinks.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace sinkscope {

std::vector<std::optional<double>> metricOfHeads(const MetricSpec& metric, const SampleTokens& tokens, const LayerStatistics& statistics,
                                                 const MetricParameters& parameters) {
    std::vector<std::optional<double>> values;
    for (int head = 0; head < statistics.heads; ++head)
        values.push_back(metric.evaluate ? metric.evaluate({tokens, statistics, head}, parameters) : std::nullopt);
    return values;
}

std::vector<std::vector<std::optional<Estimate>>> headsOfAnalysis(const AnalysisResult& analysis, const MetricSpec& metric, int sample, int layers,
                                                                  int heads) {
    std::vector<std::vector<std::optional<Estimate>>> table(static_cast<std::size_t>(layers),
                                                            std::vector<std::optional<Estimate>>(static_cast<std::size_t>(heads)));
    const auto index = analysis.values ? analysis.values->find(metric) : std::nullopt;
    if (!index)
        return table;
    const SampleValues& values = *analysis.values;
    const auto fill = [&](int layer, int head, const Estimate& estimate) {
        auto& row = table[static_cast<std::size_t>(layer)];
        if (values.isPerLayer(*index))
            std::ranges::fill(row, std::optional(estimate));
        else
            row[static_cast<std::size_t>(head)] = estimate;
    };
    if (sample >= 0) {
        for (const int layer : values.layers())
            for (int head = 0; head < values.headsOf(*index); ++head)
                if (const auto value = values.value(metric, sample, layer, head); value && layer < layers && head < heads)
                    fill(layer, head, Estimate{*value, *value, *value, 1});
    } else if (values.isPerLayer(*index)) {
        for (const LayerResult& layer : analysis.layers)
            if (const auto found = layer.metrics.find(metric.id); found != layer.metrics.end() && layer.layer < layers)
                fill(layer.layer, 0, found->second);
    } else {
        for (const HeadResult& head : analysis.heads)
            if (const auto found = head.metrics.find(metric.id); found != head.metrics.end() && head.layer < layers && head.head < heads)
                fill(head.layer, head.head, found->second);
    }
    return table;
}

HeadMetrics::HeadMetrics(SessionModel& session, JobBridge& jobs, QObject* parent) : QObject(parent), m_session(session), m_jobs(jobs) {
    m_timer.setSingleShot(true);
    m_timer.setInterval(30);
    connect(&m_timer, &QTimer::timeout, this, &HeadMetrics::collect);
    connect(&session, &SessionModel::captureChanged, this, &HeadMetrics::restart);
    connect(&session, &SessionModel::analysisChanged, this, &HeadMetrics::restart);
    connect(&session, &SessionModel::statisticsArrived, this, [this](int sample, int layer) {
        if (!isWanted(sample) || m_session.analysis())
            return;
        m_pending.emplace_back(sample, layer);
        if (!m_timer.isActive())
            m_timer.start();
    });
}

void HeadMetrics::setMetric(const MetricSpec* metric) {
    m_metric = metric;
    restart();
}

void HeadMetrics::setSample(int sample) {
    m_sample = sample;
    restart();
}

void HeadMetrics::setAveraged(bool averaged) {
    m_averaged = averaged;
    restart();
}

void HeadMetrics::restart() {
    m_collecting.cancel();
    ++m_generation;
    m_arrived.clear();
    m_pending.clear();
    const CaptureHeader* header = m_session.header();
    for (int sample = 0; header && !m_session.analysis() && sample < static_cast<int>(header->samples.size()); ++sample)
        for (int layer = 0; isWanted(sample) && layer < header->layers; ++layer)
            if (m_session.statistics(sample, layer))
                m_pending.emplace_back(sample, layer);
    rebuild();
    collect();
}

void HeadMetrics::collect() {
    struct Item {
        std::pair<int, int> place;
        std::shared_ptr<const SampleTokens> tokens;
        std::shared_ptr<const LayerStatistics> statistics;
    };
    const CaptureHeader* header = m_session.header();
    std::vector<Item> items;
    for (const auto& [sample, layer] : m_pending)
        if (const auto statistics = m_session.statistics(sample, layer); header && statistics)
            items.push_back({{sample, layer}, header->samples[static_cast<std::size_t>(sample)], statistics});
    m_pending.clear();
    if (items.empty() || !m_metric || !m_metric->evaluate)
        return;
    m_collecting = m_jobs.run<Places>(
        this, Strand::Free,
        [items = std::move(items), metric = m_metric, parameters = metricParametersOf(m_session)](JobContext& context) -> Result<Places> {
            Places places;
            for (const Item& item : items) {
                SINKSCOPE_CHECK(context.checkpoint());
                places[item.place] = metricOfHeads(*metric, *item.tokens, *item.statistics, parameters);
            }
            return places;
        },
        [this, generation = m_generation](Result<Places> result) {
            if (generation != m_generation || !result)
                return;
            for (auto& [place, values] : *result)
                m_arrived[place] = std::move(values);
            rebuild();
        });
}

void HeadMetrics::put(int layer, int head, const Estimate& estimate) {
    m_values[static_cast<std::size_t>(layer)][static_cast<std::size_t>(head)] = estimate;
}

/// The mean over the samples that have a value so far.
void HeadMetrics::averageArrived(int layers) {
    const std::size_t heads = m_values.empty() ? 0 : m_values.front().size();
    std::vector<std::vector<Estimate>> sums(static_cast<std::size_t>(layers), std::vector<Estimate>(heads));
    for (const auto& [place, values] : m_arrived)
        for (std::size_t head = 0; place.second < layers && head < std::min(heads, values.size()); ++head)
            if (values[head] && std::isfinite(*values[head])) {
                Estimate& sum = sums[static_cast<std::size_t>(place.second)][head];
                sum.value += *values[head];
                ++sum.samples;
            }
    for (std::size_t layer = 0; layer < sums.size(); ++layer)
        for (std::size_t head = 0; head < heads; ++head)
            if (const Estimate& sum = sums[layer][head]; sum.samples > 0) {
                const double mean = sum.value / sum.samples;
                put(static_cast<int>(layer), static_cast<int>(head), {mean, mean, mean, sum.samples});
            }
}

void HeadMetrics::rebuild() {
    const CaptureHeader* header = m_session.header();
    const int layers = header ? header->layers : 0, heads = header ? header->heads : 0;
    m_values.assign(static_cast<std::size_t>(layers), std::vector<std::optional<Estimate>>(static_cast<std::size_t>(heads)));
    if (m_metric && m_session.analysis())
        m_values = headsOfAnalysis(*m_session.analysis(), *m_metric, m_averaged ? -1 : m_sample, layers, heads);
    else
        averageArrived(layers);
    m_range = {std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity()};
    for (const auto& row : m_values)
        for (const auto& estimate : row)
            if (estimate) {
                m_range.first = std::min(m_range.first, estimate->value);
                m_range.second = std::max(m_range.second, estimate->value);
            }
    Q_EMIT changed();
}

std::optional<Estimate> HeadMetrics::estimate(int layer, int head) const {
    if (layer < 0 || layer >= static_cast<int>(m_values.size()))
        return std::nullopt;
    const auto& row = m_values[static_cast<std::size_t>(layer)];
    return head >= 0 && head < static_cast<int>(row.size()) ? row[static_cast<std::size_t>(head)] : std::nullopt;
}

std::optional<double> HeadMetrics::value(int layer, int head) const {
    const auto known = estimate(layer, head);
    return known ? std::optional(known->value) : std::nullopt;
}

} // namespace sinkscope
