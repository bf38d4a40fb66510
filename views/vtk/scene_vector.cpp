// SPDX-License-Identifier: Apache-2.0
#include "views/vtk/scene_vector.h"

#include "views/vtk/scene_legend.h"
#include "views/vtk/scene_lines.h"
#include "views/vtk/scene_raster.h"

#include <algorithm>
#include <numeric>

namespace sinkscope {

namespace {

void paintLine(QPainter& painter, const SceneCamera& camera, const QVector3D& from, const QVector3D& to, QColor color, double alpha, double width) {
    const auto a = camera.project(from), b = camera.project(to);
    if (!a.inFront || !b.inFront)
        return;
    color.setAlphaF(static_cast<float>(alpha));
    painter.setPen(QPen(color, width, Qt::SolidLine, Qt::RoundCap));
    painter.drawLine(a.screen, b.screen);
}

QColor mix(const QColor& a, const QColor& b, double share) {
    const auto channel = [share](int x, int y) { return qRound(x + (y - x) * share); };
    return {channel(a.red(), b.red()), channel(a.green(), b.green()), channel(a.blue(), b.blue())};
}

void paintPoints(QPainter& painter, const PointScene& scene, const SceneCamera& camera, const Theme& theme) {
    const auto project = camera.projector();
    std::vector<SceneCamera::Projected> seen;
    seen.reserve(scene.points.size());
    for (const QVector3D& point : scene.points)
        seen.push_back(project(point));
    std::vector<std::size_t> order(scene.points.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return seen[a].depth > seen[b].depth; });
    const PointColors colors(scene, theme);
    const auto [fogNear, fogFar] = fogRange(camera);
    for (const std::size_t i : order) {
        if (!seen[i].inFront)
            continue;
        const auto point = static_cast<int>(i);
        const double haze = static_cast<double>(kFog) * std::clamp((seen[i].depth - fogNear) / (fogFar - fogNear), 0.0, 1.0);
        const double radius = pointRadius(scene.size()) * static_cast<double>(scene.sizeOf(point)) * project.magnification(seen[i].depth);
        const QColor color = QColor(colors[point]);
        paintShape(painter, scene.shapeOf(point), seen[i].screen, radius, mix(color.darker(170), theme.panel, haze));
        paintShape(painter, scene.shapeOf(point), seen[i].screen, radius * 0.86, mix(color, theme.panel, haze));
    }
}

} // namespace

void paintVectors(QPainter& painter, const PointScene& scene, const SceneCamera& camera, const Theme& theme, bool points) {
    if (scene.points.empty())
        return;
    for (const auto& [from, to] : floorGrid(scene))
        paintLine(painter, camera, from, to, theme.mutedText, 2 * kGridOpacity, 0.75);
    for (int axis = 0; axis < 3; ++axis)
        if (!scene.axisLabels[static_cast<std::size_t>(axis)].isEmpty())
            paintLine(painter, camera, scene.box.axisOrigin(), scene.box.axisEnd(axis), theme.mutedText, kAxisOpacity, 1.25);
    for (std::size_t i = scene.links.size(); i-- > 0;) {
        const SceneLink& link = scene.links[i];
        const LinkStyle style = linkStyle(link.weight, scene.links.size());
        paintLine(painter, camera, scene.points[static_cast<std::size_t>(link.from)], scene.points[static_cast<std::size_t>(link.to)], theme.anchor,
                  style.opacity, style.width);
    }
    if (points)
        paintPoints(painter, scene, camera, theme);
}

} // namespace sinkscope
