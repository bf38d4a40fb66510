// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/analysis/metric_spec.h"
#include "core/analysis/parameter_spec.h"

#include <span>

namespace sinkscope {

/// The choices that metrics share, as "detector.<id>": the thresholds of sink rates, of the robust detector and of anchors. Without the quantile, which is
/// fixed when the statistics are made.
std::span<const ParameterSpec> detectorParameters();
/// `base` with what `values` name. Thread: any.
MetricParameters detectorParametersOf(MetricParameters base, const ParameterValues& values);
/// The other direction: all of them.
ParameterValues detectorValuesOf(const MetricParameters& parameters);

} // namespace sinkscope
