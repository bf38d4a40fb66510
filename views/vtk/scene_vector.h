// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "views/vtk/point_scene.h"

#include <QPainter>

namespace sinkscope {

/// Paints the geometry of a scene as lines and shapes, for files that hold them: the painter's units are the camera's logical pixels. Far points
/// first; links lie under all points. Without `points`, only floor, axes and links. Thread: gui.
void paintVectors(QPainter& painter, const PointScene& scene, const SceneCamera& camera, const Theme& theme, bool points);

} // namespace sinkscope
