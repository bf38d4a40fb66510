// SPDX-License-Identifier: Apache-2.0
#include "core/analysis/analysis.h"
#include "core/analysis/detector_parameters.h"

#include <algorithm>

namespace sinkscope {

const FeatureFamily* findFamily(std::string_view id) {
    const auto all = feature_families();
    const auto found = std::ranges::find(all, id, [](const FeatureFamily* family) { return family->id; });
    return found == all.end() ? nullptr : *found;
}

std::span<const MetricSpec* const> allMetrics() {
    static const std::vector<const MetricSpec*> all = [] {
        std::vector<const MetricSpec*> list(metrics().begin(), metrics().end());
        for (const FeatureFamily* family : feature_families())
            for (const MetricSpec& metric : family->metrics)
                list.push_back(&metric);
        return list;
    }();
    return all;
}

const MetricSpec* findMetric(std::string_view id) {
    const auto all = allMetrics();
    const auto found = std::ranges::find(all, id, [](const MetricSpec* metric) { return metric->id; });
    return found == all.end() ? nullptr : *found;
}

const FeatureFamily* familyOf(const MetricSpec& metric) {
    for (const FeatureFamily* family : feature_families())
        if (std::ranges::any_of(family->metrics, [&](const MetricSpec& own) { return &own == &metric; }))
            return family;
    return nullptr;
}

std::span<const ParameterGroup> analysisParameters() {
    static const ParameterGroup groups[] = {{"detector", "Detector of sinks", detectorParameters()},
                                            {"frame", "Kind of frame", frameParameters()},
                                            {"sinks", "Tests of sinks", sinkParameters()}};
    return groups;
}

} // namespace sinkscope
