// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/math/projection_spec.h"
#include "core/math/quality/projection_quality.h"

namespace sinkscope {

/// Projects, and puts beside the coordinates how far they can be trusted. `Projection::quality` then has, besides what the projection itself
/// says: trustworthiness, continuity, neighbourhood_preservation, stress (absent when all points are the same), quality_neighbours,
/// quality_queries, points, and captured_points: how many there were before a sample was drawn (`captured`, or the points themselves when that
/// is 0). Checks the parameters first. Errors: those of the projection; InvalidArgument (a parameter that it does not have or out of range).
/// Thread: any but gui.
Result<std::shared_ptr<const Projection>> projectAndJudge(const ProjectionSpec& spec, std::span<const float> data, int points, int width,
                                                          const ProjectionOptions& options, const QualityOptions& quality,
                                                          std::int64_t captured, JobContext& context);

/// "pca.solver=exact" as a parameter of some projection, into `values`. Errors: InvalidArgument, saying what is allowed.
Result<void> parseProjectionParameter(std::string_view text, ParameterValues& values);

} // namespace sinkscope
