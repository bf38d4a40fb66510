// SPDX-License-Identifier: Apache-2.0
#include "views/models/depth_profile.h"

#include "views/charts/depth_chart.h"
#include "views/models/sinks.h"

#include <algorithm>

namespace sinkscope {

DepthProfile::DepthProfile(SessionModel& session, JobBridge& jobs, QObject* parent) : QObject(parent), m_session(session), m_jobs(jobs) {
    m_timer.setSingleShot(true);
    m_timer.setInterval(30);
    connect(&m_timer, &QTimer::timeout, this, &DepthProfile::collect);
    connect(&session, &SessionModel::captureChanged, this, &DepthProfile::restart);
    connect(&session, &SessionModel::analysisChanged, this, &DepthProfile::restart); // its parameters may differ from the defaults
    connect(&session, &SessionModel::statisticsArrived, this, [this](int sample, int layer) {
        m_pending.emplace_back(sample, layer);
        if (!m_timer.isActive())
            m_timer.start();
    });
    restart();
}

void DepthProfile::restart() {
    m_collecting.cancel();
    m_estimating.cancel();
    ++m_generation;
    m_means.clear();
    m_intervals.clear();
    m_pending.clear();
    const CaptureHeader* header = m_session.header();
    const int samples = header ? static_cast<int>(header->samples.size()) : 0;
    for (int sample = 0; sample < samples; ++sample)
        for (int layer = 0; layer < header->layers; ++layer)
            if (m_session.statistics(sample, layer))
                m_pending.emplace_back(sample, layer);
    Q_EMIT changed();
    collect();
}

void DepthProfile::collect() {
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
    if (items.empty())
        return;
    m_collecting = m_jobs.run<Means>(
        this, Strand::Free,
        [items = std::move(items), parameters = metricParametersOf(m_session)](JobContext& context) -> Result<Means> {
            Means means;
            for (const Item& item : items) {
                SINKSCOPE_CHECK(context.checkpoint());
                for (const MetricSpec* metric : metrics())
                    means[item.place].push_back(meanOverHeads(*metric, *item.tokens, *item.statistics, parameters));
            }
            return means;
        },
        [this, generation = m_generation](Result<Means> result) {
            if (generation != m_generation || !result)
                return;
            m_means.merge(*result);
            m_intervals.clear();
            Q_EMIT changed();
        });
}

namespace {

/// [layer] values of one metric over the samples.
std::vector<std::vector<double>> valuesPerLayer(const std::map<std::pair<int, int>, std::vector<std::optional<double>>>& means, std::size_t metric,
                                                int layers) {
    std::vector<std::vector<double>> values(static_cast<std::size_t>(std::max(layers, 0)));
    for (const auto& [place, all] : means)
        if (place.second < layers && metric < all.size() && all[metric])
            values[static_cast<std::size_t>(place.second)].push_back(*all[metric]);
    return values;
}

std::size_t indexOf(const MetricSpec& metric) {
    return static_cast<std::size_t>(std::ranges::find(metrics(), &metric) - metrics().begin());
}

} // namespace

std::vector<std::optional<Estimate>> DepthProfile::line(const MetricSpec& metric) const {
    const CaptureHeader* header = m_session.header();
    if (const auto known = m_intervals.find(&metric); known != m_intervals.end())
        return known->second;
    std::vector<std::optional<Estimate>> line;
    for (const auto& values : valuesPerLayer(m_means, indexOf(metric), header ? header->layers : 0)) {
        line.emplace_back();
        if (values.empty())
            continue;
        double sum = 0;
        for (const double value : values)
            sum += value;
        const double mean = sum / static_cast<double>(values.size());
        line.back() = Estimate{mean, mean, mean, static_cast<int>(values.size())};
    }
    return line;
}

void DepthProfile::requestIntervals(const std::vector<const MetricSpec*>& wanted) {
    const CaptureHeader* header = m_session.header();
    using Lines = std::map<const MetricSpec*, std::vector<std::optional<Estimate>>>;
    std::map<const MetricSpec*, std::vector<std::vector<double>>> work;
    for (const MetricSpec* metric : wanted)
        if (header && !m_means.empty() && header->samples.size() > 1 && m_session.analysis() && !m_intervals.contains(metric))
            work[metric] = valuesPerLayer(m_means, indexOf(*metric), header->layers);
    if (work.empty())
        return;
    m_estimating.cancel();
    m_estimating = m_jobs.run<Lines>(
        this, Strand::Free,
        [work = std::move(work)](JobContext& context) -> Result<Lines> {
            Lines lines;
            for (const auto& [metric, layers] : work)
                for (const auto& values : layers) {
                    SINKSCOPE_CHECK(context.checkpoint());
                    lines[metric].push_back(values.empty() ? std::nullopt : std::optional(estimateOf(values)));
                }
            return lines;
        },
        [this, generation = m_generation, all = m_means.size()](Result<Lines> result) {
            if (generation != m_generation || !result || all != m_means.size())
                return;
            m_intervals.merge(*result);
            Q_EMIT changed();
        });
}

} // namespace sinkscope
