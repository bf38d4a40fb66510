// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "views/vtk/point_scene.h"

#include <QPainter>

namespace sinkscope {

/// What colours, sizes and shapes of a scene mean, in its lower left corner. `size` in the painter's units.
void paintLegend(QPainter& painter, const PointScene& scene, const QSizeF& size, const Theme& theme);
/// The lines of the legend, each from the left edge to its end.
std::vector<QRectF> legendAreas(const PointScene& scene, const QSizeF& size, const Theme& theme);
/// One point of the legend.
void paintShape(QPainter& painter, PointShape shape, const QPointF& center, double radius, const QColor& color);

} // namespace sinkscope
