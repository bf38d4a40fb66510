// SPDX-License-Identifier: Apache-2.0
#include "core/math/persistence/barcode_features.h"

#include <algorithm>
#include <cmath>

namespace sinkscope {

BarStatistics barStatistics(std::span<const Bar> bars) {
    BarStatistics statistics;
    for (const Bar& bar : bars) {
        if (bar.essential())
            continue;
        ++statistics.count;
        statistics.sum += bar.length();
        statistics.maximum = std::max(statistics.maximum.value_or(0.0), bar.length());
    }
    if (statistics.count == 0)
        return statistics;
    const double mean = statistics.sum / statistics.count;
    double squares = 0;
    for (const Bar& bar : bars) {
        if (bar.essential())
            continue;
        squares += (bar.length() - mean) * (bar.length() - mean);
        if (bar.length() > 0)
            statistics.entropy -= bar.length() / statistics.sum * std::log(bar.length() / statistics.sum);
    }
    statistics.entropy = std::max(statistics.entropy, 0.0); // a single bar gives -1 log 1 = -0
    statistics.mean = mean;
    statistics.deviation = std::sqrt(squares / statistics.count);
    return statistics;
}

std::optional<Bar> longestBar(std::span<const Bar> bars) {
    std::optional<Bar> longest;
    for (const Bar& bar : bars)
        if (!bar.essential() && (!longest || bar.length() > longest->length()))
            longest = bar;
    return longest;
}

int countBars(std::span<const Bar> bars, const BarFilter& filter) {
    return static_cast<int>(std::ranges::count_if(bars, [&](const Bar& bar) {
        return !bar.essential() && bar.birth >= filter.birthAtLeast && bar.birth <= filter.birthAtMost &&
               bar.death >= filter.deathAtLeast && bar.death <= filter.deathAtMost;
    }));
}

int bettiNumber(std::span<const Bar> bars, double value) {
    const auto alive = [value](const Bar& bar) { return bar.birth <= value && value < bar.death; };
    return static_cast<int>(std::ranges::count_if(bars, alive));
}

std::vector<int> bettiCurve(std::span<const Bar> bars, std::span<const double> values) {
    std::vector<int> curve;
    for (const double value : values)
        curve.push_back(bettiNumber(bars, value));
    return curve;
}

} // namespace sinkscope
