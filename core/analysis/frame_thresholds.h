// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/analysis/parameter_spec.h"

namespace sinkscope {

/// What separates the kinds of frames. The rule and its standard values are our reconstruction (design note 3.2), calibrated on synthetic
/// patterns with up to 30 % of noise; no paper's.
struct FrameThresholds {
    double share = 0.25;   ///< a head has a frame when anchors take this share of what uniform attention would give to other keys
    double spread = 0.1;   ///< a layer or model has one when the mean of that share over its heads, 0 for heads without a frame, is this
    double anchors = 1.5;  ///< fewer effective anchors than this: one
    double ends = 0.6;     ///< without a mask, more of the anchors' mass than this on the two ends: bidirectional
    double evenness = 0.6; ///< an anchor is attended by this share of the queries that see it (effective number / number)
    double weakest = 0.2;  ///< an anchor has at least this share of the excess of the strongest anchor of its head
    int tokens = 4;        ///< shorter samples say nothing
    int samples = 1;       ///< fewer samples say nothing
    int groupSamples = 3;  ///< nor do groups with fewer: they are compared with each other, which takes intervals
};
/// The same for a group of samples: with at least `groupSamples` of them.
FrameThresholds thresholdsOfGroup(FrameThresholds thresholds);

/// What a verdict is about. A layer or a model is judged by the mean over its heads, most of which may do something else.
enum class FrameLevel { Model, Layer, Head };
/// "model", "layer", "head".
std::string_view nameOf(FrameLevel level);
/// `share` for a head, `spread` for the others.
double leastExcess(const FrameThresholds& thresholds, FrameLevel level);

/// The same as a list, for forms and command lines; keys are "frame.<id>".
std::span<const ParameterSpec> frameParameters();
FrameThresholds frameThresholdsOf(const ParameterValues& values);

} // namespace sinkscope
