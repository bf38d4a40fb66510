// SPDX-License-Identifier: Apache-2.0
#include "core/analysis/fisher_information.h"

#include "core/base/assert.h"

#include <limits>
#include <numeric>

namespace sinkscope {
namespace {

Estimate scaled(Estimate estimate, double factor) {
    estimate.value *= factor;
    estimate.low *= factor;
    estimate.high *= factor;
    return estimate;
}

} // namespace

const FisherGroup* FisherInformation::find(Component component, int layer) const {
    for (const FisherGroup& entry : groups)
        if (entry.group.component == component && entry.group.layer == layer)
            return &entry;
    return nullptr;
}

FisherInformation fisherInformation(std::span<const ParameterGroup> groups, std::span<const std::vector<double>> squaredNorms) {
    FisherInformation result;
    result.samples = static_cast<int>(squaredNorms.size());
    std::vector<const std::vector<double>*> used;
    std::vector<double> totals;
    for (const auto& sample : squaredNorms) {
        if (sample.empty())
            continue;
        SINKSCOPE_ASSERT(sample.size() == groups.size());
        used.push_back(&sample);
        totals.push_back(std::accumulate(sample.begin(), sample.end(), 0.0));
    }
    result.withoutValue = result.samples - static_cast<int>(used.size());
    result.total = estimateOf(totals);
    std::vector<double> values(used.size()), shares(used.size());
    for (std::size_t group = 0; group < groups.size(); ++group) {
        for (std::size_t sample = 0; sample < used.size(); ++sample) {
            values[sample] = (*used[sample])[group];
            shares[sample] = totals[sample] > 0 ? values[sample] / totals[sample] : std::numeric_limits<double>::quiet_NaN();
        }
        const Estimate total = estimateOf(values);
        const Estimate perParameter = scaled(total, 1 / static_cast<double>(groups[group].parameters));
        result.groups.push_back({groups[group], total, perParameter, estimateOf(shares)});
    }
    return result;
}

} // namespace sinkscope
