// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "views/vtk/point_scene.h"

#include <QPolygonF>

#include <utility>
#include <vector>

namespace sinkscope {

/// Width in logical pixels and opacity of one link among `links`: the more there are, the fainter each.
struct LinkStyle {
    double width = 1, opacity = 1;
};
LinkStyle linkStyle(float weight, std::size_t links);

/// Faint lines on the floor of a scene, for depth.
std::vector<std::pair<QVector3D, QVector3D>> floorGrid(const PointScene& scene);
inline constexpr double kGridOpacity = 0.09, kAxisOpacity = 0.6;

/// The arc of an angle of the frame, on the screen.
QPolygonF angleArc(const PointScene& scene, std::size_t angle, const SceneCamera& camera);

} // namespace sinkscope
