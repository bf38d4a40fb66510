// SPDX-License-Identifier: Apache-2.0
#include "views/vtk/geometry_backend.h"

#include "views/vtk/vtk_surface.h"
#include "views/vtk/vtk_target.h"

#include <QOffscreenSurface>
#include <QOpenGLContext>

namespace sinkscope {

namespace {

bool hasGraphicsProcessor() {
    QOffscreenSurface surface;
    surface.setFormat(VtkTarget::surfaceFormat());
    surface.create();
    QOpenGLContext context;
    context.setFormat(VtkTarget::surfaceFormat());
    if (!surface.isValid() || !context.create() || !context.makeCurrent(&surface))
        return false;
    const bool has = VtkTarget::isSupported(context) && !VtkTarget::rendersInSoftware();
    context.doneCurrent();
    return has;
}

} // namespace

GeometryBackend geometryBackend() {
    const QByteArray wish = qgetenv("SINKSCOPE_RENDERER");
    if (!VtkSurface::isAvailable() || wish == "raster")
        return GeometryBackend::Raster;
    if (wish == "vtk")
        return GeometryBackend::Vtk;
    static const bool accelerated = hasGraphicsProcessor();
    return accelerated ? GeometryBackend::Vtk : GeometryBackend::Raster;
}

} // namespace sinkscope
