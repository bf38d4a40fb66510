// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "views/theme.h"

#include <string>

namespace sinkscope {

/// What the graphics processor does for each pixel of a point: its shape (in the opacity of its colour, 255 - 8 * PointShape), soft edge, rim,
/// light and haze.
/// Wants the uniforms clipNear, clipFar, fogNear, fogFar and parallel.
std::string pointShader(const Theme& theme);

} // namespace sinkscope
