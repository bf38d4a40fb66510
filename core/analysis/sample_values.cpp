// SPDX-License-Identifier: Apache-2.0
#include "core/analysis/sample_values.h"

#include <algorithm>
#include <cmath>

namespace sinkscope {
namespace {

constexpr double kNoValue = std::numeric_limits<double>::quiet_NaN();

std::vector<double> means(const std::vector<double>& sums, const std::vector<int>& counts) {
    std::vector<double> result(sums.size(), kNoValue);
    for (std::size_t i = 0; i < sums.size(); ++i)
        if (counts[i] > 0)
            result[i] = sums[i] / counts[i];
    return result;
}

} // namespace

SampleValues::SampleValues(std::vector<const MetricSpec*> metrics, const std::vector<bool>& perLayer, std::vector<int> layers, int heads,
                           int samples)
    : m_metrics(std::move(metrics)), m_layers(std::move(layers)), m_heads(heads), m_samples(samples) {
    std::size_t total = 0;
    for (std::size_t metric = 0; metric < m_metrics.size(); ++metric) {
        m_blocks.push_back({total, perLayer[metric] ? 1 : heads, perLayer[metric]});
        total += m_layers.size() * static_cast<std::size_t>(m_blocks.back().heads) * static_cast<std::size_t>(samples);
    }
    m_values.assign(total, kNoValue);
}

std::optional<std::size_t> SampleValues::find(const MetricSpec& metric) const {
    const auto found = std::ranges::find(m_metrics, &metric);
    return found == m_metrics.end() ? std::nullopt : std::optional(static_cast<std::size_t>(found - m_metrics.begin()));
}

std::optional<std::size_t> SampleValues::slotOf(int layer) const {
    const auto found = std::ranges::lower_bound(m_layers, layer);
    return found == m_layers.end() || *found != layer ? std::nullopt : std::optional(static_cast<std::size_t>(found - m_layers.begin()));
}

std::optional<double> SampleValues::value(const MetricSpec& metric, int sample, int layer, int head) const {
    const auto index = find(metric);
    const auto slot = slotOf(layer);
    if (!index || !slot || sample < 0 || sample >= m_samples || head < 0 || head >= m_heads)
        return std::nullopt;
    const double cell = row(*index, *slot, isPerLayer(*index) ? 0 : head)[static_cast<std::size_t>(sample)];
    return std::isnan(cell) ? std::nullopt : std::optional(cell);
}

void SampleValues::addRows(std::size_t metric, std::size_t slot, std::vector<double>& sums, std::vector<int>& counts) const {
    for (int head = 0; head < headsOf(metric); ++head) {
        const auto cells = row(metric, slot, head);
        for (std::size_t sample = 0; sample < cells.size(); ++sample)
            if (!std::isnan(cells[sample])) {
                sums[sample] += cells[sample];
                ++counts[sample];
            }
    }
}

std::vector<double> SampleValues::layerMeans(std::size_t metric, std::size_t slot) const {
    std::vector<double> sums(static_cast<std::size_t>(m_samples), 0.0);
    std::vector<int> counts(sums.size(), 0);
    addRows(metric, slot, sums, counts);
    return means(sums, counts);
}

std::vector<double> SampleValues::modelMeans(std::size_t metric) const {
    std::vector<double> sums(static_cast<std::size_t>(m_samples), 0.0);
    std::vector<int> counts(sums.size(), 0);
    for (std::size_t slot = 0; slot < m_layers.size(); ++slot)
        addRows(metric, slot, sums, counts);
    return means(sums, counts);
}

} // namespace sinkscope
