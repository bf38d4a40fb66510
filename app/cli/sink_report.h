// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/analysis/analysis.h"

#include <string>

namespace sinkscope {

/// What the tests of sinks found, as lines and a table for people; empty when nothing was tested.
std::string sinkTestReport(const AnalysisResult& result);

} // namespace sinkscope
