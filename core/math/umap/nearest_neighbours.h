// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/jobs/job_context.h"

#include <cstdint>
#include <span>
#include <vector>

namespace sinkscope {

/// The nearest neighbours of every point, the point itself first with distance 0.
struct NeighbourGraph {
    int points = 0, neighbours = 0;
    std::vector<std::int32_t> indices; ///< [points, neighbours], by rising distance
    std::vector<float> distances;      ///< [points, neighbours], Euclidean
};

/// Exact Euclidean neighbours by blocked matrix products: |x-y|^2 = |x|^2 + |y|^2 - 2 x.y. The data is centred first, which changes no
/// distance and keeps the subtraction from losing digits. O(points^2 width) work, O(points) memory per block row.
/// `data` is [points, width]; 1 <= neighbours <= points. Ties go to the smaller index. Errors: Cancelled. Thread: any but gui.
Result<NeighbourGraph> exactNeighbours(std::span<const float> data, int points, int width, int neighbours, JobContext& context);

} // namespace sinkscope
