// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/math/geometry/cloud_shape.h"
#include "core/math/geometry/intrinsic_dimension.h"
#include "core/spaces/point_cloud.h"

namespace sinkscope {

/// Sinks that play one part: the same token in the same head, with the first token of a text apart from its later occurrences.
struct CloudAnchor {
    PointKind kind = PointKind::Key;
    int layer = 0, head = 0;
    std::int32_t id = 0;      ///< of the token
    bool first = false;       ///< at the start of the text
    std::string text;
    int points = 0;
    std::vector<double> mean; ///< [width] of its vectors
    double length = 0;        ///< of the mean
    double distance = 0;      ///< of the mean from the centroid of the points that are no sinks
    double relativeDistance = 0; ///< the same over the root mean square distance of those points from it; 0 when that is 0
};

/// Numbers about a cloud as its vectors are (after undoing rotations and scaling).
struct CloudGeometry {
    CloudShape shape;                            ///< not centred: the direction of the mean counts
    int shapePoints = 0;                         ///< that the shape is of: a sample where both points and width are above 1,024
    std::optional<double> meanCosine;            ///< over all pairs of different points; no value for fewer than two vectors other than 0
    std::optional<IntrinsicDimension> dimension; ///< no value for fewer than 5 distinct points
    std::vector<CloudAnchor> anchors;            ///< most points first, at most kMostAnchors
    int anchorsInAll = 0;
    /// [anchors, anchors] degrees between the mean vectors, seen from 0 and from the centroid of the points that are no sinks: the frame that
    /// the anchors span. A vector of length 0 counts as orthogonal to all.
    std::vector<double> angles, anglesFromCentroid;
};
inline constexpr std::size_t kMostAnchors = 16;

/// Errors: NotFinite, Cancelled. Thread: any but gui.
Result<CloudGeometry> cloudGeometry(const PointCloud& cloud, const CaptureHeader& header, const JobContext& context);

} // namespace sinkscope
