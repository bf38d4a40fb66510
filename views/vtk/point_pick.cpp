// SPDX-License-Identifier: Apache-2.0
#include "views/vtk/point_pick.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace sinkscope {

namespace {

/// Candidates of one position, judged exactly.
class Judge {
public:
    Judge(const SceneCamera& camera, const QPointF& position, double reach) : m_project(camera), m_position(position), m_nearGap(reach) {}

    void ask(int index, const QVector3D& point, double radius, bool scales, bool star) {
        const auto projected = m_project(point);
        if (!projected.inFront)
            return;
        const QPointF offset = projected.screen - m_position;
        const double gap = std::hypot(offset.x(), offset.y()) - radius * (scales ? m_project.magnification(projected.depth) : 1);
        // Stars are painted over everything, so they also win over nearer points.
        const double depth = star ? projected.depth - 1e6 : projected.depth;
        if (gap <= 0 && depth < m_hitDepth) {
            m_hit = index;
            m_hitDepth = depth;
        } else if (gap > 0 && gap < m_nearGap) {
            m_near = index;
            m_nearGap = gap;
        }
    }
    [[nodiscard]] int result() const { return m_hit >= 0 ? m_hit : m_near; }

private:
    SceneCamera::Projector m_project;
    QPointF m_position;
    int m_hit = -1, m_near = -1;
    double m_hitDepth = std::numeric_limits<double>::max(), m_nearGap;
};

} // namespace

int pickPoint(const PointScene& scene, const SceneCamera& camera, const QPointF& position, double reach) {
    const ScreenRows rows = camera.rows();
    const double radius = pointRadius(scene.size());
    float largest = 1;
    for (const float size : scene.sizes)
        largest = std::max(largest, size);
    // Without a division: |x / w - target| <= limit becomes |x - target w| <= limit w. The radius of a disc is one at the focal point, where
    // w is the distance of the camera.
    const auto targetX = static_cast<float>(position.x()) - rows.centerX, targetY = static_cast<float>(position.y()) - rows.centerY;
    const auto fixed = static_cast<float>(radius) * largest * rows.distance * 1.01F, growing = static_cast<float>(reach) + 1;
    Judge judge(camera, position, reach);
    for (const SceneAnchor& anchor : scene.anchors)
        judge.ask(anchor.point, scene.points[static_cast<std::size_t>(anchor.point)], kAnchorRadius, false, true);
    std::vector<int> stars;
    for (const SceneAnchor& anchor : scene.anchors)
        stars.push_back(anchor.point);
    for (int i = 0; i < scene.size(); ++i) {
        const QVector3D& point = scene.points[static_cast<std::size_t>(i)];
        const float w = rows.weight(point), limit = fixed + growing * w;
        if (std::abs(rows.x(point) - targetX * w) > limit || std::abs(rows.y(point) - targetY * w) > limit)
            continue;
        if (std::find(stars.begin(), stars.end(), i) == stars.end())
            judge.ask(i, point, radius * static_cast<double>(scene.sizeOf(i)), true, false);
    }
    return judge.result();
}

std::vector<int> pointsWithin(const PointScene& scene, const SceneCamera& camera, const QPolygonF& outline) {
    std::vector<int> inside;
    if (outline.size() < 3)
        return inside;
    const QRectF bounds = outline.boundingRect();
    const auto project = camera.projector();
    for (int i = 0; i < scene.size(); ++i) {
        const auto at = project(scene.points[static_cast<std::size_t>(i)]);
        if (at.inFront && bounds.contains(at.screen) && outline.containsPoint(at.screen, Qt::OddEvenFill))
            inside.push_back(i);
    }
    return inside;
}

} // namespace sinkscope
