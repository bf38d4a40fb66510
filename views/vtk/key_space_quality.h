// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/math/geometry/cloud_shape.h"
#include "core/math/geometry/intrinsic_dimension.h"
#include "views/vtk/key_space_data.h"

#include <map>
#include <string>

namespace sinkscope {

/// How far a picture can be trusted, and what its cloud is like. Computed after the picture is shown.
struct KeySpaceQuality {
    std::map<std::string, double> numbers; ///< of Projection::quality and of ProjectionQuality
    double effectiveRank = 0, anisotropy = 0;
    std::optional<double> meanCosine;
    std::optional<IntrinsicDimension> dimension;
};

/// Thread: any but gui. Errors: NotFinite, Cancelled.
Result<std::shared_ptr<const KeySpaceQuality>> judgeKeySpace(const KeySpaceData& data, JobContext& context);

/// A point near another in the original space.
struct KeySpaceNeighbour {
    int point = 0;
    double distance = 0; ///< Euclidean, between the vectors that were projected
};

/// The nearest of a point among all others by their vectors, not by the picture; equal distances by index. Thread: any.
std::vector<KeySpaceNeighbour> nearestInOriginal(const PointCloud& cloud, int point, int count);

} // namespace sinkscope
