// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "views/theme.h"
#include "views/vtk/point_scene.h"

#include <QPainter>
#include <QPolygonF>

namespace sinkscope {

/// Paints everything that is not geometry over a rendered scene: labels, stars, marks of the selection, axis labels, legend and notes. The
/// painter's units are the camera's logical pixels.
void paintOverlay(QPainter& painter, const PointScene& scene, const SceneCamera& camera, const SceneFocus& focus, const Theme& theme);

/// The five-pointed star of an anchor.
QPolygonF anchorStar(const QPointF& center, double radius = kAnchorRadius);

} // namespace sinkscope
