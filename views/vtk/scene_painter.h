// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "views/theme.h"
#include "views/vtk/point_scene.h"

#include <QImage>
#include <QPainter>

namespace sinkscope {

/// Paints the geometry of a scene in software, far points first: for machines without OpenGL. Looks like PointActors, except that links are
/// not hidden by points in front of them. Thread: gui.
void paintGeometry(QPainter& painter, const PointScene& scene, const SceneCamera& camera, const Theme& theme);

/// Renders the geometry to an image of `camera.viewport()` logical pixels at `pixelRatio`, for `paintOverlay` to add the text. Uses OpenGL
/// without a window where the platform offers it, else `paintGeometry`. Thread: gui.
QImage renderGeometry(const PointScene& scene, const SceneCamera& camera, const Theme& theme, double pixelRatio);

} // namespace sinkscope
