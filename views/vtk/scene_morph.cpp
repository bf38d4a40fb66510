// SPDX-License-Identifier: Apache-2.0
#include "views/vtk/scene_morph.h"

namespace sinkscope {

bool SceneMorph::begin(const PointScene& shown, std::shared_ptr<const PointScene> goal) {
    m_goal.reset();
    if (shown.size() == 0 || shown.size() != goal->size() || shown.size() > kMost)
        return false;
    m_from = shown.points;
    m_box = shown.box;
    m_goal = std::move(goal);
    m_clock.start();
    return true;
}

std::shared_ptr<const PointScene> SceneMorph::between(const std::vector<QVector3D>& from, const SceneBox& box, const PointScene& goal, float share) {
    auto scene = std::make_shared<PointScene>(goal);
    const auto mix = [share](const QVector3D& a, const QVector3D& b) { return a + (b - a) * share; };
    for (std::size_t i = 0; i < scene->points.size(); ++i)
        scene->points[i] = mix(from[i], goal.points[i]);
    scene->box = {mix(box.low, goal.box.low), mix(box.high, goal.box.high)};
    scene->frame.clear(); // belongs to where the points will be
    scene->angles.clear();
    scene->arms.clear();
    return scene;
}

std::shared_ptr<const PointScene> SceneMorph::now() {
    const float t = static_cast<float>(m_clock.elapsed()) / kMilliseconds;
    if (t >= 1)
        return std::move(m_goal);
    return between(m_from, m_box, *m_goal, t * t * (3 - 2 * t));
}

} // namespace sinkscope
