// SPDX-License-Identifier: Apache-2.0
#include "views/vtk/vtk_canvas.h"

#include "views/vtk/geometry_backend.h"
#include "views/vtk/point_pick.h"
#include "views/vtk/scene_overlay.h"

#include <QMouseEvent>
#include <QPainter>
#include <QWheelEvent>

#include <algorithm>
#include <cmath>

namespace sinkscope {

namespace {
constexpr int kFrameMilliseconds = 16;
constexpr double kTurntableDegrees = 0.4; // per frame: a round in a quarter of a minute
} // namespace

VtkCanvas::VtkCanvas(const Theme& theme, QWidget* parent)
    : QWidget(parent), m_theme(theme), m_goal(std::make_shared<const PointScene>()) {
    m_state.scene = m_goal;
    if (geometryBackend() == GeometryBackend::Vtk)
        m_surface = new VtkSurface(m_state, m_theme, this);
    else
        setAttribute(Qt::WA_OpaquePaintEvent);
    setFocusPolicy(Qt::StrongFocus);
    setMouseTracking(true);
    setAccessibleName(tr("3D view"));
    m_rest.setSingleShot(true);
    m_rest.setInterval(restMilliseconds());
    connect(&m_rest, &QTimer::timeout, this, [this] {
        m_state.moving = false;
        refresh();
    });
    connect(&m_refine, &QTimer::timeout, this, [this] {
        if (m_raster.refine())
            update();
        if (!m_raster.isRefining())
            m_refine.stop();
    });
    m_morphStep.setInterval(kFrameMilliseconds);
    connect(&m_morphStep, &QTimer::timeout, this, &VtkCanvas::morphStep);
    m_turntable.setInterval(kFrameMilliseconds * 2);
    connect(&m_turntable, &QTimer::timeout, this, [this] {
        m_state.camera.orbit(kTurntableDegrees * 2, 0);
        moved();
    });
}

void VtkCanvas::refresh() {
    if (m_surface)
        m_surface->update();
    else
        update();
}

void VtkCanvas::sceneChanged() {
    m_raster.forget();
    if (m_surface)
        m_surface->sceneChanged();
    else
        update();
}

void VtkCanvas::paintEvent(QPaintEvent*) {
    if (m_surface)
        return;
    QPainter painter(this);
    m_raster.paint(painter, m_state, m_theme, devicePixelRatioF());
    paintMarks(painter, m_state, m_theme);
    if (m_raster.isRefining() && !m_refine.isActive())
        m_refine.start(0);
}

QImage VtkCanvas::picture() {
    QImage image((QSizeF(size()) * devicePixelRatioF()).toSize(), QImage::Format_RGB32);
    image.setDevicePixelRatio(devicePixelRatioF());
    QPainter painter(&image);
    painter.drawImage(QPointF(0, 0), SceneRaster().draw({.scene = m_state.scene, .camera = m_state.camera, .theme = &m_theme,
                                                         .pixelRatio = devicePixelRatioF()}));
    SceneState still = m_state;
    still.focusFrame = false;
    still.outline.clear();
    paintMarks(painter, still, m_theme);
    return image;
}

void VtkCanvas::adopt(std::shared_ptr<const PointScene> scene, bool reframe) {
    m_state.scene = std::move(scene);
    if (reframe || !m_state.camera.wasMoved())
        m_state.camera.frame(m_state.scene->box);
    else
        m_state.camera.setBox(m_state.scene->box);
    sceneChanged();
}

void VtkCanvas::setScene(std::shared_ptr<const PointScene> scene, bool reframe, bool morph) {
    m_goal = std::move(scene);
    m_state.focus.hovered = -1;
    if (m_state.focus.selected >= m_goal->size())
        m_state.focus.selected = -1;
    for (auto* points : {&m_state.focus.marked, &m_state.focus.neighbours})
        std::erase_if(*points, [this](int point) { return point >= m_goal->size(); });
    if (morph && isVisible() && m_morph.begin(*m_state.scene, m_goal)) {
        m_morphStep.start();
        return morphStep();
    }
    m_morph.stop();
    m_morphStep.stop();
    adopt(m_goal, reframe);
}

void VtkCanvas::morphStep() {
    if (m_morph.isRunning())
        adopt(m_morph.now(), false);
    if (!m_morph.isRunning())
        m_morphStep.stop();
}

void VtkCanvas::setSelected(int point) {
    point = point < m_goal->size() ? point : -1;
    if (point == m_state.focus.selected)
        return;
    m_state.focus.selected = point;
    refresh();
}

void VtkCanvas::setMarked(std::vector<int> points) {
    std::erase_if(points, [this](int point) { return point < 0 || point >= m_goal->size(); });
    if (points == m_state.focus.marked)
        return;
    m_state.focus.marked = std::move(points);
    refresh();
}

void VtkCanvas::setNeighbours(std::vector<int> points) {
    std::erase_if(points, [this](int point) { return point < 0 || point >= m_goal->size(); });
    m_state.focus.neighbours = std::move(points);
    refresh();
}

void VtkCanvas::setOrthographic(bool orthographic) {
    if (orthographic == m_state.camera.isOrthographic())
        return;
    m_history.leave(m_state.camera);
    m_state.camera.setOrthographic(orthographic);
    if (!m_state.camera.wasMoved())
        m_state.camera.frame(m_state.camera.box());
    Q_EMIT orthographicChanged(orthographic);
    jumped();
}

void VtkCanvas::setTool(Tool tool) {
    m_tool = tool;
    setCursor(tool == Tool::Turn ? Qt::ArrowCursor : Qt::CrossCursor);
}

void VtkCanvas::resetView(SceneCamera::View view) {
    m_history.leave(m_state.camera);
    m_state.camera.reset(view);
    jumped();
}

void VtkCanvas::lookAtFrame() {
    if (m_goal->frame.empty())
        return;
    const auto direction = [](const SceneAxis& axis) { return (axis.to - axis.from).normalized(); };
    const QVector3D first = direction(m_goal->frame[0]);
    const QVector3D second = m_goal->frame.size() > 1 ? direction(m_goal->frame[1]) : QVector3D(0, 0, 1);
    QVector3D normal = QVector3D::crossProduct(first, second);
    if (normal.length() < 1e-4F) // they lie on one line: from the side of it
        normal = QVector3D::crossProduct(first, std::abs(first.z()) < 0.9F ? QVector3D(0, 0, 1) : QVector3D(1, 0, 0));
    normal.normalize();
    if (QVector3D::dotProduct(normal, m_state.camera.forward()) > 0)
        normal = -normal; // stays on this side
    m_history.leave(m_state.camera);
    const double degrees = 180 / M_PI;
    m_state.camera.lookFrom(std::atan2(static_cast<double>(normal.y()), static_cast<double>(normal.x())) * degrees,
                            std::asin(std::clamp(static_cast<double>(normal.z()), -1.0, 1.0)) * degrees);
    jumped();
}

void VtkCanvas::setTurning(bool turning) {
    if (turning == m_turntable.isActive())
        return;
    if (turning) {
        m_history.leave(m_state.camera);
        m_turntable.start();
    } else {
        m_turntable.stop();
    }
    Q_EMIT turningChanged(turning);
}

void VtkCanvas::cameraBack() {
    if (auto camera = m_history.back(m_state.camera))
        follow(*camera);
    Q_EMIT cameraMoved();
}

void VtkCanvas::cameraForth() {
    if (auto camera = m_history.forth(m_state.camera))
        follow(*camera);
    Q_EMIT cameraMoved();
}

void VtkCanvas::follow(const SceneCamera& camera) {
    const QSizeF viewport = m_state.camera.viewport();
    const SceneBox box = m_state.camera.box();
    const bool changed = camera.isOrthographic() != m_state.camera.isOrthographic();
    m_state.camera = camera;
    m_state.camera.setViewport(viewport);
    m_state.camera.setBox(box);
    if (changed)
        Q_EMIT orthographicChanged(camera.isOrthographic());
    m_state.moving = true;
    m_rest.start();
    refresh();
}

void VtkCanvas::themeChanged() {
    sceneChanged();
}

void VtkCanvas::moved() {
    m_state.moving = true;
    m_rest.start();
    refresh();
    Q_EMIT cameraMoved();
}

/// The camera is somewhere else at once.
void VtkCanvas::jumped() {
    refresh();
    Q_EMIT cameraMoved();
}

void VtkCanvas::resizeEvent(QResizeEvent* event) {
    m_state.camera.setViewport(QSizeF(event->size()));
    if (m_surface)
        m_surface->setGeometry(rect());
    QWidget::resizeEvent(event);
}

void VtkCanvas::mousePressEvent(QMouseEvent* event) {
    m_press = m_last = event->position();
    m_dragged = false;
    m_dragTool = Tool::Turn;
    if (event->button() == Qt::LeftButton) {
        const bool control = event->modifiers() & Qt::ControlModifier;
        m_dragTool = control ? (event->modifiers() & Qt::ShiftModifier ? Tool::Lasso : Tool::Rectangle) : m_tool;
    }
    setTurning(false);
    event->accept();
}

void VtkCanvas::drawOutline(const QPointF& to) {
    if (m_dragTool == Tool::Rectangle)
        m_state.outline = QPolygonF(QRectF(m_press, to).normalized());
    else if (m_state.outline.isEmpty())
        m_state.outline << m_press << to;
    else if ((m_state.outline.last() - to).manhattanLength() >= 2)
        m_state.outline << to;
    refresh();
}

void VtkCanvas::finishOutline(bool add) {
    std::vector<int> inside = pointsWithin(*m_state.scene, m_state.camera, m_state.outline);
    m_state.outline.clear();
    if (add) {
        std::vector<int> both;
        std::set_union(inside.begin(), inside.end(), m_state.focus.marked.begin(), m_state.focus.marked.end(), std::back_inserter(both));
        inside = std::move(both);
    }
    refresh();
    Q_EMIT pointsMarked(inside);
}

void VtkCanvas::mouseMoveEvent(QMouseEvent* event) {
    const QPointF at = event->position();
    if (event->buttons() == Qt::NoButton)
        return hover(pickPoint(*m_state.scene, m_state.camera, at), event->globalPosition().toPoint());
    // A click with an unsteady hand is still a click.
    if (!m_dragged && (at - m_press).manhattanLength() < 4)
        return;
    const QPointF step = at - m_last;
    m_last = at;
    if (m_dragTool != Tool::Turn) {
        m_dragged = true;
        return drawOutline(at);
    }
    if (!m_dragged)
        m_history.leave(m_state.camera);
    m_dragged = true;
    const bool pans = event->buttons() & Qt::MiddleButton || event->modifiers() & Qt::ShiftModifier || event->buttons() & Qt::RightButton;
    if (pans)
        m_state.camera.pan(step);
    else
        m_state.camera.orbit(-step.x() * 0.4, step.y() * 0.4);
    moved();
}

void VtkCanvas::mouseReleaseEvent(QMouseEvent* event) {
    if (event->button() != Qt::LeftButton)
        return;
    if (m_dragged && m_dragTool != Tool::Turn)
        finishOutline(m_tool != Tool::Turn && event->modifiers() & Qt::ShiftModifier);
    else if (!m_dragged)
        Q_EMIT pointClicked(pickPoint(*m_state.scene, m_state.camera, event->position()));
}

void VtkCanvas::mouseDoubleClickEvent(QMouseEvent* event) {
    m_dragged = true; // its release is no second click
    m_dragTool = Tool::Turn;
    if (event->button() == Qt::LeftButton && pickPoint(*m_state.scene, m_state.camera, event->position()) < 0)
        resetView();
}

void VtkCanvas::wheelEvent(QWheelEvent* event) {
    if (!m_state.moving)
        m_history.leave(m_state.camera);
    m_state.camera.zoom(std::pow(1.0015, event->angleDelta().y()), event->position());
    moved();
    event->accept();
}

void VtkCanvas::hover(int point, const QPoint& global) {
    if (point == m_state.focus.hovered)
        return;
    m_state.focus.hovered = point;
    setCursor(point >= 0 ? Qt::PointingHandCursor : m_tool == Tool::Turn ? Qt::ArrowCursor : Qt::CrossCursor);
    refresh();
    Q_EMIT pointHovered(point, global);
}

void VtkCanvas::leaveEvent(QEvent* event) {
    hover(-1, {});
    QWidget::leaveEvent(event);
}

void VtkCanvas::focusInEvent(QFocusEvent* event) {
    QWidget::focusInEvent(event);
    m_state.focusFrame = event->reason() != Qt::MouseFocusReason;
    refresh();
}

void VtkCanvas::focusOutEvent(QFocusEvent* event) {
    QWidget::focusOutEvent(event);
    m_state.focusFrame = false;
    refresh();
}

} // namespace sinkscope
