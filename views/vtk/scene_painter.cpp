// SPDX-License-Identifier: Apache-2.0
#include "views/vtk/scene_painter.h"

#include "views/vtk/point_actors.h"
#include "views/vtk/vtk_target.h"

#include <QOffscreenSurface>
#include <QOpenGLContext>
#include <QOpenGLFramebufferObject>
#include <QOpenGLFunctions>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace sinkscope {

namespace {

void paintLine(QPainter& painter, const SceneCamera& camera, const QVector3D& from, const QVector3D& to, QColor color, double alpha, double width) {
    const auto a = camera.project(from), b = camera.project(to);
    if (!a.inFront || !b.inFront)
        return;
    color.setAlphaF(static_cast<float>(alpha));
    painter.setPen(QPen(color, width));
    painter.drawLine(a.screen, b.screen);
}

void paintPoint(QPainter& painter, const QPointF& at, double radius, const QColor& color, bool dark) {
    QRadialGradient fill(at, radius, at + QPointF(-0.35, -0.4) * radius);
    fill.setColorAt(0, color.lighter(125));
    fill.setColorAt(0.35, color);
    fill.setColorAt(1, color.darker(115));
    painter.setPen(QPen(dark ? color.lighter(190) : color.darker(200), std::max(0.6, radius * 0.14)));
    painter.setBrush(fill);
    painter.drawEllipse(at, radius * 0.93, radius * 0.93);
}

/// Geometry through VTK, or a null image when the platform has no OpenGL.
QImage renderWithOpenGL(const PointScene& scene, const SceneCamera& camera, const Theme& theme, const QSize& size, double pixelRatio) {
    QOffscreenSurface surface;
    surface.setFormat(VtkTarget::surfaceFormat());
    surface.create();
    QOpenGLContext context;
    context.setFormat(VtkTarget::surfaceFormat());
    if (!surface.isValid() || !context.create() || !context.makeCurrent(&surface) || !VtkTarget::isSupported(context))
        return {};
    GLint largest = 0;
    context.functions()->glGetIntegerv(GL_MAX_TEXTURE_SIZE, &largest);
    if (std::max(size.width(), size.height()) > largest)
        return {};
    QImage image;
    {
        QOpenGLFramebufferObject target(size, QOpenGLFramebufferObject::CombinedDepthStencil);
        if (target.isValid() && target.bind()) {
            PointActors actors;
            VtkTarget window;
            window.attach(*actors.renderer());
            actors.setScene(scene, theme);
            actors.setView(camera, pixelRatio, false, true);
            window.render(size, false);
            image = target.toImage().convertToFormat(QImage::Format_RGB32);
        }
    }
    context.doneCurrent();
    return image;
}

} // namespace

void paintGeometry(QPainter& painter, const PointScene& scene, const SceneCamera& camera, const Theme& theme) {
    painter.setRenderHint(QPainter::Antialiasing);
    for (int axis = 0; axis < 3 && !scene.points.empty(); ++axis) {
        if (!scene.axisLabels[static_cast<std::size_t>(axis)].isEmpty())
            paintLine(painter, camera, scene.box.axisOrigin(), scene.box.axisEnd(axis), theme.mutedText, kAxisOpacity, 1.25);
    for (const auto& [from, to] : floorGrid(scene))
        paintLine(painter, camera, from, to, theme.mutedText, kGridOpacity, 1);
    }
    for (const SceneLink& link : scene.links) {
        const LinkStyle style = linkStyle(link.weight, scene.links.size());
        paintLine(painter, camera, scene.points[static_cast<std::size_t>(link.from)], scene.points[static_cast<std::size_t>(link.to)],
                  theme.anchor, style.opacity, style.width);
    }
    std::vector<SceneCamera::Projected> projected;
    projected.reserve(scene.points.size());
    const auto project = camera.projector();
    for (const QVector3D& point : scene.points)
        projected.push_back(project(point));
    std::vector<std::size_t> order(scene.points.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::sort(order.begin(), order.end(), [&](auto a, auto b) { return projected[a].depth > projected[b].depth; });
    const auto& table = sequentialTable("viridis");
    for (const std::size_t i : order) {
        if (!projected[i].inFront)
            continue;
        const float value = scene.scalars[i];
        const QColor color = std::isnan(value) ? theme.mutedText : QColor(table[static_cast<std::size_t>(std::clamp(value, 0.0F, 1.0F) * 255)]);
        paintPoint(painter, projected[i].screen, pointRadius(scene.size()) * (scene.sizes.empty() ? 1.0 : scene.sizes[i]), color, theme.isDark);
    }
}

QImage renderGeometry(const PointScene& scene, const SceneCamera& camera, const Theme& theme, double pixelRatio) {
    const QSize size = (camera.viewport() * pixelRatio).toSize();
    QImage image = renderWithOpenGL(scene, camera, theme, size, pixelRatio);
    const bool inSoftware = image.isNull();
    if (inSoftware) {
        image = QImage(size, QImage::Format_RGB32);
        image.fill(theme.panel);
    }
    image.setDevicePixelRatio(pixelRatio);
    if (inSoftware) {
        QPainter painter(&image);
        paintGeometry(painter, scene, camera, theme);
    }
    return image;
}

} // namespace sinkscope
