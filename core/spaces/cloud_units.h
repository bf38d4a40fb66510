// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/spaces/point_cloud.h"

#include <set>

namespace sinkscope {

/// The points of one kind and head of a layer.
struct CloudPart {
    PointKind kind = PointKind::Key;
    int head = 0, group = 0; ///< -1 for hidden states
};

/// One part of one sample.
struct CloudUnit {
    int layer = 0, sample = 0, tokens = 0;
    CloudPart part;
    std::vector<int> chosen; ///< ascending tokens; of all units or of none: empty everywhere when every point is shown
};

/// Where a capture keeps points of a kind.
Space spaceOf(PointKind kind);

/// Everything that a request matches, in the order of PointCloud::points.
struct CloudPlan {
    std::vector<CloudUnit> units;
    int width = 0;
    std::int64_t captured = 0, shown = 0, sinks = 0; ///< `sinks` only when a sample is drawn
    [[nodiscard]] bool sampled() const { return shown < captured; }
};

/// Checks the request and chooses the points. Errors: those of assembleCloud.
Result<CloudPlan> planCloud(CaptureSource& source, const CloudRequest& request, JobContext& context);

/// Tokens that are sinks for a part of a layer: in the query head; in a query head of the group; in enough heads of the layer. Thread: any.
std::set<int> sinksOfPart(const LayerStatistics& statistics, const CloudPart& part, const MetricParameters& parameters);
/// Received attention of every token for a part of a layer. Thread: any.
std::vector<float> receivedByPart(const LayerStatistics& statistics, const CloudPart& part);

} // namespace sinkscope
