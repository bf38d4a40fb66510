// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/analysis/analysis.h"

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace sinkscope {

/// Which feature families are evaluated, and how, as typed.
struct FeatureOptions {
    std::vector<std::string> families; ///< ids, "all" or "none"; empty: the standard ones
    std::vector<std::string> settings; ///< "family.parameter=value"
};
/// Declares --features and --set.
void addFeatureOptions(CLI::App& command, FeatureOptions& options);
/// Into a request. Errors: InvalidArgument.
Result<void> readFeatures(const FeatureOptions& options, AnalysisRequest& request);

} // namespace sinkscope
