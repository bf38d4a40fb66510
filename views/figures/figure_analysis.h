// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "views/figures/figure_spec.h"

namespace sinkscope {

/// An analysis that holds these metrics: the one that came with the figure, or one of its own with just their families. Errors: those of
/// analyzeCapture; Unavailable (the capture lacks what a family needs, in words). Thread: any but gui.
Result<std::shared_ptr<const AnalysisResult>> analysisFor(const FigureData& data, const std::vector<const MetricSpec*>& metrics);

} // namespace sinkscope
