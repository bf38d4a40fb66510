// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "views/theme.h"
#include "views/vtk/scene_state.h"

#include <QPainter>
#include <QPolygonF>

namespace sinkscope {

/// Paints everything that is not geometry over a rendered scene: labels, stars, marks of the selection, the frame of the anchors, axis labels,
/// legend and notes. The painter's units are the camera's logical pixels.
void paintMarks(QPainter& painter, const SceneState& state, const Theme& theme);

/// The five-pointed star of an anchor.
QPolygonF anchorStar(const QPointF& center, double radius = kAnchorRadius);

} // namespace sinkscope
