// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "views/vtk/point_scene.h"

#include <QPolygonF>

namespace sinkscope {

/// The point drawn under a position: the nearest to the viewer among those whose disc holds it, else the one closest on the screen within
/// `reach` pixels of its rim; -1 when none. Exact: every point is asked, a million take some milliseconds. Thread: any.
int pickPoint(const PointScene& scene, const SceneCamera& camera, const QPointF& position, double reach = 6);

/// The points whose centres are seen inside a polygon of the screen (which may cross itself: odd and even), ascending. Thread: any.
std::vector<int> pointsWithin(const PointScene& scene, const SceneCamera& camera, const QPolygonF& outline);

} // namespace sinkscope
