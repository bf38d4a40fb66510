// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/jobs/job_context.h"

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sinkscope {

struct ProjectionOptions {
    int dimensions = 3;      ///< 2 or 3
    bool centred = true;
    std::uint64_t seed = 42;
};

/// Coordinates with what is needed to judge them. Immutable once made.
struct Projection {
    int points = 0, dimensions = 0;
    std::vector<float> coordinates;        ///< [points, dimensions]
    std::vector<std::string> axisLabels;   ///< "PC1 61 %"
    std::map<std::string, double> quality; ///< "explained_variance_1", ...
};

/// A way to draw vectors in 2D or 3D. Registered in core/CMakeLists.txt (list `projections`).
struct ProjectionSpec {
    std::string_view id;
    std::string_view title;
    /// `data` is [points, width], row-major. Errors: InvalidArgument (too few points), NotFinite, Cancelled. Thread: any but gui.
    Result<std::shared_ptr<const Projection>> (*project)(std::span<const float> data, int points, int width,
                                                         const ProjectionOptions& options, JobContext& context);
};
std::span<const ProjectionSpec* const> projections();

} // namespace sinkscope
