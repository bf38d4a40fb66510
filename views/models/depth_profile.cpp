// SPDX-License-Identifier: Apache-2.0
#include "views/models/depth_profile.h"

#include "views/charts/depth_chart.h"
#include "views/models/sinks.h"

#include <algorithm>
#include <cmath>

namespace sinkscope {

DepthProfile::DepthProfile(SessionModel& session, JobBridge& jobs, QObject* parent) : QObject(parent), m_session(session), m_jobs(jobs) {
    m_timer.setSingleShot(true);
    m_timer.setInterval(30);
    connect(&m_timer, &QTimer::timeout, this, &DepthProfile::collect);
    connect(&session, &SessionModel::captureChanged, this, &DepthProfile::restart);
    connect(&session, &SessionModel::analysisChanged, this, &DepthProfile::restart);
    connect(&session, &SessionModel::statisticsArrived, this, [this](int sample, int layer) {
        if (m_session.analysis())
            return;
        m_pending.emplace_back(sample, layer);
        if (!m_timer.isActive())
            m_timer.start();
    });
    restart();
}

void DepthProfile::restart() {
    m_collecting.cancel();
    ++m_generation;
    m_means.clear();
    m_pending.clear();
    const CaptureHeader* header = m_session.header();
    const int samples = header && !m_session.analysis() ? static_cast<int>(header->samples.size()) : 0;
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
            Q_EMIT changed();
        });
}

std::vector<std::optional<Estimate>> depthOfAnalysis(const AnalysisResult& analysis, const MetricSpec& metric, int sample, int layers) {
    std::vector<std::optional<Estimate>> line(static_cast<std::size_t>(layers));
    const auto index = analysis.values ? analysis.values->find(metric) : std::nullopt;
    if (!index)
        return line;
    const SampleValues& values = *analysis.values;
    if (sample < 0) {
        for (const LayerResult& layer : analysis.layers)
            if (const auto found = layer.metrics.find(metric.id); found != layer.metrics.end() && layer.layer < layers)
                line[static_cast<std::size_t>(layer.layer)] = found->second;
        return line;
    }
    for (std::size_t slot = 0; slot < values.layers().size() && sample < values.samples(); ++slot)
        if (const double mean = values.layerMeans(*index, slot)[static_cast<std::size_t>(sample)]; !std::isnan(mean) && values.layers()[slot] < layers)
            line[static_cast<std::size_t>(values.layers()[slot])] = Estimate{mean, mean, mean, 1};
    return line;
}

std::vector<std::optional<Estimate>> DepthProfile::line(const MetricSpec& metric, int sample) const {
    const CaptureHeader* header = m_session.header();
    const int layers = header ? header->layers : 0;
    if (m_session.analysis())
        return depthOfAnalysis(*m_session.analysis(), metric, sample, layers);
    std::vector<std::optional<Estimate>> line(static_cast<std::size_t>(layers));
    const auto place = std::ranges::find(metrics(), &metric);
    if (place == metrics().end())
        return line;
    const auto index = static_cast<std::size_t>(place - metrics().begin());
    std::vector<std::pair<double, int>> sums(line.size());
    for (const auto& [where, means] : m_means)
        if (where.second < layers && (sample < 0 || where.first == sample) && means[index]) {
            sums[static_cast<std::size_t>(where.second)].first += *means[index];
            ++sums[static_cast<std::size_t>(where.second)].second;
        }
    for (std::size_t layer = 0; layer < line.size(); ++layer)
        if (const auto [sum, count] = sums[layer]; count > 0)
            line[layer] = Estimate{sum / count, sum / count, sum / count, count};
    return line;
}

} // namespace sinkscope
