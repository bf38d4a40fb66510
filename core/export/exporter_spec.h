// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/analysis/analysis.h"

#include <span>
#include <string>
#include <string_view>

namespace sinkscope {

/// A text format for analysis results. Registered in core/CMakeLists.txt (list `exporters`).
struct ExporterSpec {
    std::string_view id;         ///< also the file extension
    std::string_view title;
    std::string (*write)(const AnalysisResult& result, const CaptureHeader& header);
};
std::span<const ExporterSpec* const> exporters();

} // namespace sinkscope
