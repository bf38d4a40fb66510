// SPDX-License-Identifier: Apache-2.0
#include "core/analysis/detector_parameters.h"

namespace sinkscope {
namespace {

constexpr MetricParameters kStandard;
constexpr ParameterSpec kParameters[] = {
    {.id = "threshold", .title = "Threshold of the sink rate", .explanation = "Epsilon: a head counts when the received attention of the first token is above it.",
     .low = 0, .high = 1, .standard = kStandard.sinkThreshold},
    {.id = "frequency", .title = "Least share of hits", .explanation = "Gamma: a sink is hit by at least this share of the queries that see it.", .low = 0, .high = 1,
     .standard = kStandard.hitFrequency},
    {.id = "visible", .title = "Least visible share", .explanation = "Rho: a candidate is seen by at least this share of the queries...", .low = 0, .high = 1,
     .standard = kStandard.visibleShare},
    {.id = "queries", .title = "Fewest queries", .explanation = "...and by at least this many.", .low = 1, .high = 1000000,
     .standard = kStandard.minimumQueries, .integer = true},
    {.id = "excess", .title = "Least ratio to chance", .explanation = "A sink receives at least this many times what uniform attention would give it.", .low = 0,
     .high = 1000, .standard = kStandard.minimumExcess},
    {.id = "anchor_share", .title = "Least share of heads of an anchor",
     .explanation = "In layers and models a token is an anchor of the frame when it is one in at least this share of a sample's heads.", .low = 0, .high = 1,
     .standard = kStandard.anchorHeadShare},
};

} // namespace

std::span<const ParameterSpec> detectorParameters() { return kParameters; }

MetricParameters detectorParametersOf(MetricParameters base, const ParameterValues& values) {
    const ParameterValues own = detectorValuesOf(base);
    const auto value = [&](std::size_t index) {
        const std::string key = "detector." + std::string(kParameters[index].id);
        const auto found = values.find(key);
        return found == values.end() ? own.at(key) : found->second;
    };
    base.sinkThreshold = value(0);
    base.hitFrequency = value(1);
    base.visibleShare = value(2);
    base.minimumQueries = static_cast<int>(value(3));
    base.minimumExcess = value(4);
    base.anchorHeadShare = value(5);
    return base;
}

ParameterValues detectorValuesOf(const MetricParameters& parameters) {
    const double numbers[] = {parameters.sinkThreshold, parameters.hitFrequency, parameters.visibleShare, static_cast<double>(parameters.minimumQueries),
                              parameters.minimumExcess, parameters.anchorHeadShare};
    ParameterValues values;
    for (std::size_t index = 0; index < std::size(kParameters); ++index)
        values["detector." + std::string(kParameters[index].id)] = numbers[index];
    return values;
}

} // namespace sinkscope
