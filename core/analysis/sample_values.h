// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/analysis/metric_spec.h"

#include <limits>
#include <map>
#include <optional>
#include <span>
#include <vector>

namespace sinkscope {

/// Every number that an analysis found, before samples are averaged: [metric][layer][head][sample], NaN where a metric has no value. A metric of
/// whole layers has one "head". Filled by the analysis (different cells from different threads), immutable once published.
class SampleValues {
public:
    /// `layers` are the captured ones; `perLayer[m]` says that metric m has one value a layer.
    SampleValues(std::vector<const MetricSpec*> metrics, const std::vector<bool>& perLayer, std::vector<int> layers, int heads, int samples);

    [[nodiscard]] std::span<const MetricSpec* const> metrics() const { return m_metrics; }
    [[nodiscard]] std::span<const int> layers() const { return m_layers; }
    [[nodiscard]] int samples() const { return m_samples; }
    [[nodiscard]] bool isPerLayer(std::size_t metric) const { return m_blocks[metric].perLayer; }
    [[nodiscard]] int headsOf(std::size_t metric) const { return m_blocks[metric].heads; }
    /// Position in `metrics()`; nothing for a metric that was not evaluated.
    [[nodiscard]] std::optional<std::size_t> find(const MetricSpec& metric) const;
    /// Position of a layer in `layers()`; nothing when it was not captured.
    [[nodiscard]] std::optional<std::size_t> slotOf(int layer) const;

    /// One cell per sample.
    [[nodiscard]] std::span<double> row(std::size_t metric, std::size_t slot, int head) {
        return std::span(m_values).subspan(offset(metric, slot, head), static_cast<std::size_t>(m_samples));
    }
    [[nodiscard]] std::span<const double> row(std::size_t metric, std::size_t slot, int head) const {
        return std::span(m_values).subspan(offset(metric, slot, head), static_cast<std::size_t>(m_samples));
    }
    /// Nothing where there is no value or no such layer.
    [[nodiscard]] std::optional<double> value(const MetricSpec& metric, int sample, int layer, int head) const;
    /// Mean over the heads that have a value, one cell per sample; NaN where none has.
    [[nodiscard]] std::vector<double> layerMeans(std::size_t metric, std::size_t slot) const;
    /// The same over all heads of all captured layers.
    [[nodiscard]] std::vector<double> modelMeans(std::size_t metric) const;

private:
    struct Block {
        std::size_t first = 0;
        int heads = 0;
        bool perLayer = false;
    };
    [[nodiscard]] std::size_t offset(std::size_t metric, std::size_t slot, int head) const {
        const Block& block = m_blocks[metric];
        return block.first + (slot * static_cast<std::size_t>(block.heads) + static_cast<std::size_t>(head)) * static_cast<std::size_t>(m_samples);
    }
    void addRows(std::size_t metric, std::size_t slot, std::vector<double>& sums, std::vector<int>& counts) const;

    std::vector<const MetricSpec*> m_metrics;
    std::vector<int> m_layers;
    int m_heads = 0, m_samples = 0;
    std::vector<Block> m_blocks; ///< [metric]
    std::vector<double> m_values;
};

} // namespace sinkscope
