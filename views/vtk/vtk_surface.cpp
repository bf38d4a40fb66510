// SPDX-License-Identifier: Apache-2.0
#include "views/vtk/vtk_surface.h"

#include "views/vtk/point_actors.h"
#include "views/vtk/scene_overlay.h"
#include "views/vtk/scene_raster.h"
#include "views/vtk/vtk_target.h"

#include <QGuiApplication>
#include <QOpenGLContext>
#include <QOpenGLPaintDevice>
#include <QPainter>

namespace sinkscope {

struct VtkSurface::Gl {
    PointActors actors;
    VtkTarget target; // destroyed before the actors: it frees what they have in the driver
};

VtkSurface::VtkSurface(const SceneState& state, const Theme& theme, QWidget* parent)
    : QOpenGLWidget(parent), m_state(state), m_theme(theme) {
    setFormat(VtkTarget::surfaceFormat());
    setAttribute(Qt::WA_TransparentForMouseEvents);
    setFocusPolicy(Qt::NoFocus);
}

VtkSurface::~VtkSurface() {
    if (context())
        disconnect(context(), nullptr, this, nullptr); // the base class destroys the context after we are gone
    releaseGl();
}

bool VtkSurface::isAvailable() {
    // On these platforms Qt refuses a QOpenGLWidget, or crashes when it is shown.
    const QString platform = QGuiApplication::platformName();
    return platform != QLatin1String("offscreen") && platform != QLatin1String("minimal") && platform != QLatin1String("vnc") &&
           platform != QLatin1String("linuxfb");
}

std::size_t VtkSurface::geometryBytes() const { return m_gl ? m_gl->actors.bytes() : 0; }

void VtkSurface::releaseGl() {
    if (!m_gl)
        return;
    makeCurrent(); // VTK frees its buffers in whatever context is current, so it has to be this one
    m_gl.reset();
    doneCurrent();
}

void VtkSurface::initializeGL() {
    // Comes again, with a new context, when the dock that holds the view moves to another window.
    if (!VtkTarget::isSupported(*context()))
        return;
    connect(context(), &QOpenGLContext::aboutToBeDestroyed, this, [this] { releaseGl(); });
    m_gl = std::make_unique<Gl>();
    m_gl->target.attach(*m_gl->actors.renderer());
    m_dirty = true;
}

void VtkSurface::paintGL() {
    const double ratio = devicePixelRatioF();
    const QSize physical(qRound(width() * ratio), qRound(height() * ratio));
    if (m_gl)
        drawGeometry(physical);
    // Painted as an image first: the raster engine smooths edges, which the OpenGL one does not without multisampling.
    if (m_overlay.size() != physical)
        m_overlay = QImage(physical, QImage::Format_ARGB32_Premultiplied);
    m_overlay.setDevicePixelRatio(ratio);
    m_overlay.fill(m_gl ? QColor(Qt::transparent) : m_theme.panel);
    {
        QPainter image(&m_overlay);
        if (!m_gl) // a driver without OpenGL 3.2
            image.drawImage(QPointF(0, 0), SceneRaster().draw({.scene = m_state.scene, .camera = m_state.camera, .theme = &m_theme, .pixelRatio = ratio}));
        paintMarks(image, m_state, m_theme);
    }
    // Not QPainter(this): while a parent is being grabbed, Qt sends that to the parent's picture.
    QOpenGLPaintDevice device(physical);
    device.setDevicePixelRatio(ratio);
    QPainter painter(&device);
    painter.drawImage(QPointF(0, 0), m_overlay);
}

void VtkSurface::drawGeometry(const QSize& physical) {
    const bool same = !m_dirty && m_drawnSize == physical && m_drawnMoving == m_state.moving && m_drawnCamera.sameView(m_state.camera);
    if (same)
        return m_gl->target.repeat(); // only marks and labels have changed: following the pointer stays cheap
    if (m_dirty)
        m_gl->actors.setScene(m_state.scene, m_theme);
    m_gl->actors.setView(m_state.camera, devicePixelRatioF(), m_state.moving, m_gl->target.multisamples(m_state.moving));
    m_gl->target.render(physical, m_state.moving);
    m_dirty = false;
    m_drawnSize = physical;
    m_drawnMoving = m_state.moving;
    m_drawnCamera = m_state.camera;
}

void VtkSurface::sceneChanged() {
    m_dirty = true;
    update();
}

} // namespace sinkscope
