// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/attention/head_attention.h"
#include "core/attention/layer_statistics.h"
#include "core/capture/capture.h"

#include <functional>
#include <optional>
#include <span>
#include <string_view>

namespace sinkscope {

/// Choices that metrics share. All are recorded with the results.
struct MetricParameters {
    double sinkThreshold = 0.3;   ///< epsilon of Gu et al.
    double hitQuantile = 0.9;     ///< of the robust detector (fixed when the capture was made)
    double hitFrequency = 0.4;    ///< gamma of the robust detector
    double visibleShare = 0.3;    ///< rho: a candidate must be seen by this share of the queries...
    int minimumQueries = 3;       ///< ...and by at least this many
    double minimumExcess = 1.25;  ///< a sink receives at least this many times what uniform attention would give it
    double anchorHeadShare = 0.1; ///< of the verdict: an anchor is a sink in at least this share of a sample's heads
};

/// What a metric sees of one head of one sample.
struct HeadView {
    const SampleTokens& tokens;
    const LayerStatistics& statistics;
    int head = 0;
};

/// A number per head (or layer) and sample. Those that statistics alone can give are registered in core/CMakeLists.txt (list `metrics`) and
/// have `evaluate`; the others belong to a FeatureFamily. Either way it appears in `analyze`, in the heads grid's colour menu and along depth.
struct MetricSpec {
    std::string_view id;          ///< key in JSON
    std::string_view title;       ///< for people, sentence case
    std::string_view explanation; ///< formula and how to read it, two or three sentences
    std::string_view source;      ///< paper or "our definition"
    double low = 0, high = 1;     ///< range of the colour scale; high < low: from the data
    bool percent = false;         ///< show as a percentage
    /// Nothing when the sample is too short for the metric to mean anything. Null for a metric of a family.
    std::optional<double> (*evaluate)(const HeadView& view, const MetricParameters& parameters) = nullptr;
};
std::span<const MetricSpec* const> metrics();
/// Of any metric, also of the families. Null when there is none of that id.
const MetricSpec* findMetric(std::string_view id);

} // namespace sinkscope
