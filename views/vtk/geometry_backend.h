// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace sinkscope {

/// Who draws the points and lines of 3D views.
enum class GeometryBackend {
    Vtk,   ///< VTK through OpenGL
    Raster ///< SceneRaster, on the processor
};

/// VTK where a graphics processor is behind OpenGL, else the processor: a driver that imitates one takes several times as long for the same
/// picture, and slows down the whole window. The environment variable SINKSCOPE_RENDERER (vtk or raster) decides otherwise. Thread: gui.
GeometryBackend geometryBackend();

} // namespace sinkscope
