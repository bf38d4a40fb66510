// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "views/vtk/point_scene.h"

#include <QPolygonF>

#include <memory>

namespace sinkscope {

/// Everything that decides what a view of points looks like now.
struct SceneState {
    std::shared_ptr<const PointScene> scene;
    SceneCamera camera{};
    SceneFocus focus{};
    bool moving = false;     ///< the camera is being moved: draw what is fast
    bool focusFrame = false; ///< the keyboard goes here
    QPolygonF outline{};       ///< of the selection that is being drawn, on the screen
};

} // namespace sinkscope
