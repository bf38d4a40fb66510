// SPDX-License-Identifier: Apache-2.0
#include "views/vtk/scene_lines.h"

#include <algorithm>
#include <cmath>

namespace sinkscope {

LinkStyle linkStyle(float weight, std::size_t links) {
    const double w = std::clamp(static_cast<double>(weight), 0.0, 1.0);
    const double crowd = std::min(1.0, std::sqrt(40.0 / static_cast<double>(std::max<std::size_t>(links, 1))));
    return {1.0 + 1.8 * w, (0.10 + 0.4 * std::sqrt(w)) * std::max(0.12, crowd)};
}

std::vector<std::pair<QVector3D, QVector3D>> floorGrid(const PointScene& scene) {
    std::vector<std::pair<QVector3D, QVector3D>> grid;
    if (scene.points.empty())
        return grid;
    const QVector3D low = scene.box.low, high = scene.box.high;
    // About four cells along the largest side: enough to see the plane, too coarse to read values from.
    constexpr float kStep = 0.5F;
    const int columns = std::max(1, qRound((high.x() - low.x()) / kStep)), rows = std::max(1, qRound((high.y() - low.y()) / kStep));
    for (int i = 1; i <= columns; ++i) {
        const float x = low.x() + (high.x() - low.x()) * static_cast<float>(i) / static_cast<float>(columns);
        grid.emplace_back(QVector3D(x, low.y(), low.z()), QVector3D(x, high.y(), low.z()));
    }
    for (int i = 0; i < rows; ++i) { // the line at the back is an axis
        const float y = low.y() + (high.y() - low.y()) * static_cast<float>(i) / static_cast<float>(rows);
        grid.emplace_back(QVector3D(low.x(), y, low.z()), QVector3D(high.x(), y, low.z()));
    }
    return grid;
}

QPolygonF angleArc(const PointScene& scene, std::size_t angle, const SceneCamera& camera) {
    const SceneAxis& a = scene.frame[static_cast<std::size_t>(scene.angles[angle].first)];
    const SceneAxis& b = scene.frame[static_cast<std::size_t>(scene.angles[angle].second)];
    const QVector3D u = (a.to - a.from).normalized(), v = (b.to - b.from).normalized();
    // Each arc a little farther out than the one before.
    const float radius = std::min((a.to - a.from).length(), (b.to - b.from).length()) * (0.28F + 0.09F * static_cast<float>(angle));
    QPolygonF arc;
    for (int i = 0; i <= 16; ++i) { // along the chord, pushed out to the circle
        const QVector3D on = (u + (v - u) * (static_cast<float>(i) / 16)).normalized();
        if (const auto at = camera.project(a.from + on * radius); at.inFront)
            arc << at.screen;
    }
    return arc;
}

} // namespace sinkscope
