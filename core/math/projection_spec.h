// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/parameter_spec.h"
#include "core/jobs/job_context.h"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sinkscope {

struct Projection;

struct ProjectionOptions {
    int dimensions = 3;      ///< 2 or 3
    bool centred = true;
    std::uint64_t seed = 42;
    ParameterValues parameters{}; ///< "<projection>.<parameter>" of ProjectionSpec::parameters; what is missing has its standard value
    /// Called now and then by projections that come about step by step, with what there is so far. Thread: the one that projects.
    std::function<void(std::shared_ptr<const Projection>)> preview{};
};

/// What a projection can go on from. Immutable.
struct ProjectionState {
    virtual ~ProjectionState() = default;
};

/// Coordinates with what is needed to judge them. Immutable once made.
struct Projection {
    int points = 0, dimensions = 0;
    std::vector<float> coordinates;        ///< [points, dimensions]
    std::vector<std::string> axisLabels;   ///< "PC1 61 %"
    std::map<std::string, double> quality; ///< "explained_variance_1", ...
    std::shared_ptr<const ProjectionState> state; ///< null when there is nothing to go on from
};

/// A way to draw vectors in 2D or 3D. Registered in core/CMakeLists.txt (list `projections`).
struct ProjectionSpec {
    std::string_view id;
    std::string_view title;
    std::span<const ParameterSpec> parameters{}; ///< its own choices: forms and command lines are made from them
    /// `data` is [points, width], row-major. Errors: InvalidArgument (too few points), NotFinite, Cancelled. Thread: any but gui.
    Result<std::shared_ptr<const Projection>> (*project)(std::span<const float> data, int points, int width,
                                                         const ProjectionOptions& options, JobContext& context);
    /// Goes on from what `project` gave (its `state`) for so many more epochs; null for projections that are finished once they are there. The
    /// parameters are those of `project`; of `options` only `preview` counts. Errors: InvalidArgument (nothing to go on from), Cancelled.
    Result<std::shared_ptr<const Projection>> (*extend)(const Projection& projection, int epochs, const ProjectionOptions& options,
                                                        JobContext& context) = nullptr;
};
std::span<const ProjectionSpec* const> projections();
/// Null when there is none of that id.
const ProjectionSpec* findProjection(std::string_view id);

} // namespace sinkscope
