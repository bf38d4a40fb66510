// SPDX-License-Identifier: Apache-2.0
#include "views/vtk/point_scene.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace sinkscope {

double pointRadius(int points) {
    if (points <= 64)
        return 6;
    // Falls with the logarithm: 128 points 5.5, 1,000 points 4, 100,000 points 1.5.
    return std::max(1.5, 6 - 0.5 * std::log2(points / 64.0));
}

int pickPoint(const PointScene& scene, const SceneCamera& camera, const QPointF& position, double reach) {
    std::vector<char> isAnchor(scene.points.size(), 0);
    for (const SceneAnchor& anchor : scene.anchors)
        isAnchor[static_cast<std::size_t>(anchor.point)] = 1;
    const auto project = camera.projector();
    const double radius = pointRadius(scene.size());
    int hit = -1, near = -1;
    double hitDepth = std::numeric_limits<double>::max(), nearGap = reach;
    for (std::size_t i = 0; i < scene.points.size(); ++i) {
        const auto projected = project(scene.points[i]);
        if (!projected.inFront)
            continue;
        const double size = isAnchor[i] ? kAnchorRadius : radius * (scene.sizes.empty() ? 1.0 : scene.sizes[i]);
        const QPointF offset = projected.screen - position;
        const double gap = std::hypot(offset.x(), offset.y()) - size;
        // Stars are painted over everything, so they also win over nearer points.
        const double depth = isAnchor[i] ? projected.depth - 1e6 : projected.depth;
        if (gap <= 0 && depth < hitDepth) {
            hit = static_cast<int>(i);
            hitDepth = depth;
        } else if (gap > 0 && gap < nearGap) {
            near = static_cast<int>(i);
            nearGap = gap;
        }
    }
    return hit >= 0 ? hit : near;
}

} // namespace sinkscope
