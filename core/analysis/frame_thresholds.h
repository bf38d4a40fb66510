// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/analysis/parameter_spec.h"

namespace sinkscope {

/// What separates the kinds of frames. The rule and its standard values are our reconstruction (design note 3.2), calibrated on synthetic
/// patterns with up to 30 % of noise; no paper's.
struct FrameThresholds {
    double share = 0.25;   ///< there is a frame when anchors take this share of what uniform attention would give to other keys
    double anchors = 1.5;  ///< fewer effective anchors than this: one
    double ends = 0.6;     ///< without a mask, more of the anchors' mass than this on the two ends: bidirectional
    double evenness = 0.6; ///< an anchor is attended by this share of the queries that see it (effective number / number)
    double weakest = 0.2;  ///< an anchor has at least this share of the excess of the strongest anchor of its head
    int tokens = 4;        ///< shorter samples say nothing
    int samples = 1;       ///< fewer samples say nothing
};

/// The same as a list, for forms and command lines; keys are "frame.<id>".
std::span<const ParameterSpec> frameParameters();
FrameThresholds frameThresholdsOf(const ParameterValues& values);

} // namespace sinkscope
