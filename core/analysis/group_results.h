// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/analysis/analysis.h"

namespace sinkscope {

/// Samples of a capture by group or by length; empty for None, and where no sample has a group.
std::vector<SampleGroup> groupsOf(const CaptureHeader& header, TableGrouping grouping);

/// The model's metrics and verdict once more, over the finished samples of every group; groups without one are left out, and those with too few have
/// the verdict "not enough". `result` is that of an
/// analysis of the capture. Thread: any.
std::vector<GroupResult> groupResults(const AnalysisResult& result, const CaptureHeader& header, std::span<const SampleGroup> groups);
/// The same without the metrics, whose intervals take their time.
std::vector<GroupResult> groupVerdicts(const AnalysisResult& result, const CaptureHeader& header, std::span<const SampleGroup> groups);

} // namespace sinkscope
