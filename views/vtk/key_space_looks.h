// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "views/vtk/key_space_scene.h"

namespace sinkscope {

/// Colours, sizes and shapes of the points by their attributes, with their legends. Thread: any.
void addLooks(PointScene& scene, const KeySpaceData& data, const KeySpaceOptions& options);

} // namespace sinkscope
