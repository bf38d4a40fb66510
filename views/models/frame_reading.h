// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/analysis/analysis.h"
#include "views/models/frame_kind.h"

#include <string>
#include <vector>

namespace sinkscope {

/// [layer] kind of frame of each layer, empty strings where it is not known; an empty list when it is known of none.
std::vector<std::string> layerKinds(const AnalysisResult* analysis, int layers);

} // namespace sinkscope
