// SPDX-License-Identifier: Apache-2.0
#include "core/analysis/frame_thresholds.h"

#include <algorithm>

namespace sinkscope {
namespace {

constexpr FrameThresholds kStandard;
constexpr ParameterSpec kParameters[] = {
    {.id = "share", .title = "Least share of a frame",
     .explanation = "A head has a frame when anchors take at least this share of the attention that uniform attention would give to the other "
                    "tokens: (mass - chance) / (1 - chance). 1 for perfect anchors, 0 for uniform attention, of any length.",
     .low = 0.01, .high = 0.99, .standard = kStandard.share},
    {.id = "spread", .title = "Least share over the heads of a layer or model",
     .explanation = "A layer or a model has a frame when the mean of that share over its heads, 0 for heads without a frame, is at least this: 0.1 is a "
                    "tenth of the heads being perfect sinks, or a quarter of them giving 40 % of their attention.",
     .low = 0.01, .high = 0.99, .standard = kStandard.spread},
    {.id = "anchors", .title = "Most anchors of a centralized frame",
     .explanation = "Below this effective number of anchors (1 / sum of the squared shares of their mass, heads weighted by their "
                    "excess) the frame is centralized.",
     .low = 1.01, .high = 100, .standard = kStandard.anchors},
    {.id = "ends", .title = "Least share of the two ends",
     .explanation = "Without a mask, the frame is bidirectional when the first and the last special token are the two strongest anchors and hold "
                    "more than this share of the mass of all anchors (heads weighted by their excess).",
     .low = 0.01, .high = 0.99, .standard = kStandard.ends},
    {.id = "evenness", .title = "Least evenness of an anchor",
     .explanation = "(sum of weights)^2 / sum of squared weights / number of queries, over the queries that see the token: 1 when all attend to it "
                    "alike, 1/n when one does, as on a diagonal.",
     .low = 0, .high = 1, .standard = kStandard.evenness},
    {.id = "weakest", .title = "Weakest anchor",
     .explanation = "A token with less than this share of the excess of the strongest anchor of its head is no anchor.",
     .low = 0, .high = 1, .standard = kStandard.weakest},
    {.id = "tokens", .title = "Fewest tokens", .explanation = "Samples with fewer tokens say nothing about the kind of frame.",
     .low = 4, .high = 1000000, .standard = kStandard.tokens, .integer = true},
    {.id = "samples", .title = "Fewest samples", .explanation = "With fewer samples of enough tokens there is no verdict.", .low = 1, .high = 1000000,
     .standard = kStandard.samples, .integer = true},
    {.id = "group_samples", .title = "Fewest samples of a group",
     .explanation = "Groups (by subject or by length) with fewer samples of enough tokens have no verdict: they are there to be compared, and an interval over "
                    "one or two samples says nothing.",
     .low = 1, .high = 1000000, .standard = kStandard.groupSamples, .integer = true},
};

} // namespace

std::span<const ParameterSpec> frameParameters() { return kParameters; }

FrameThresholds frameThresholdsOf(const ParameterValues& values) {
    const auto value = [&](std::size_t index) { return valueOf(values, "frame", kParameters[index]); };
    return {.share = value(0), .spread = value(1), .anchors = value(2), .ends = value(3), .evenness = value(4), .weakest = value(5),
            .tokens = static_cast<int>(value(6)), .samples = static_cast<int>(value(7)), .groupSamples = static_cast<int>(value(8))};
}

FrameThresholds thresholdsOfGroup(FrameThresholds thresholds) {
    thresholds.samples = std::max(thresholds.samples, thresholds.groupSamples);
    return thresholds;
}

std::string_view nameOf(FrameLevel level) { return level == FrameLevel::Model ? "model" : level == FrameLevel::Layer ? "layer" : "head"; }

double leastExcess(const FrameThresholds& thresholds, FrameLevel level) { return level == FrameLevel::Head ? thresholds.share : thresholds.spread; }

} // namespace sinkscope
