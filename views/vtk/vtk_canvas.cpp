// SPDX-License-Identifier: Apache-2.0
#include "views/vtk/vtk_canvas.h"

#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QWheelEvent>

#include <algorithm>
#include <cmath>

namespace sinkscope {

VtkCanvas::VtkCanvas(const Theme& theme, QWidget* parent) : QWidget(parent), m_theme(theme) {
    m_state.scene = std::make_shared<const PointScene>();
    if (VtkSurface::isAvailable())
        m_surface = new VtkSurface(m_state, m_theme, this);
    setFocusPolicy(Qt::StrongFocus);
    setMouseTracking(true);
    setAccessibleName(tr("3D view"));
    m_rest.setSingleShot(true);
    m_rest.setInterval(160);
    connect(&m_rest, &QTimer::timeout, this, [this] {
        m_state.moving = false;
        refresh();
    });
}

void VtkCanvas::refresh() {
    if (m_surface)
        m_surface->update();
    else
        update();
}

void VtkCanvas::sceneChanged() {
    if (m_surface)
        m_surface->sceneChanged();
    else
        update();
}

void VtkCanvas::paintEvent(QPaintEvent*) {
    if (m_surface)
        return;
    QPainter painter(this);
    painter.fillRect(rect(), m_theme.panel);
    paintState(painter, m_state, m_theme, true);
}

void VtkCanvas::setScene(std::shared_ptr<const PointScene> scene, bool reframe) {
    m_state.scene = std::move(scene);
    if (reframe || !m_state.camera.wasMoved())
        m_state.camera.frame(m_state.scene->box);
    else
        m_state.camera.setBox(m_state.scene->box);
    m_state.focus.hovered = -1;
    if (m_state.focus.selected >= m_state.scene->size())
        m_state.focus.selected = -1;
    sceneChanged();
}

void VtkCanvas::setSelected(int point) {
    point = point < m_state.scene->size() ? point : -1;
    if (point == m_state.focus.selected)
        return;
    m_state.focus.selected = point;
    refresh();
}

void VtkCanvas::setOrthographic(bool orthographic) {
    m_state.camera.setOrthographic(orthographic);
    if (!m_state.camera.wasMoved())
        m_state.camera.frame(m_state.camera.box());
    refresh();
}

void VtkCanvas::resetView(SceneCamera::View view) {
    m_state.camera.reset(view);
    refresh();
}

void VtkCanvas::themeChanged() {
    sceneChanged();
}

void VtkCanvas::moved() {
    m_state.moving = true;
    m_rest.start();
    refresh();
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
    event->accept();
}

void VtkCanvas::mouseMoveEvent(QMouseEvent* event) {
    const QPointF at = event->position();
    if (event->buttons() == Qt::NoButton)
        return hover(pickPoint(*m_state.scene, m_state.camera, at), event->globalPosition().toPoint());
    // A click with an unsteady hand is still a click.
    if (!m_dragged && (at - m_press).manhattanLength() < 4)
        return;
    m_dragged = true;
    const QPointF step = at - m_last;
    m_last = at;
    const bool pans = event->buttons() & Qt::MiddleButton || event->modifiers() & Qt::ShiftModifier || event->buttons() & Qt::RightButton;
    if (pans)
        m_state.camera.pan(step);
    else
        m_state.camera.orbit(-step.x() * 0.4, step.y() * 0.4);
    moved();
}

void VtkCanvas::mouseReleaseEvent(QMouseEvent* event) {
    if (event->button() == Qt::LeftButton && !m_dragged)
        Q_EMIT pointClicked(pickPoint(*m_state.scene, m_state.camera, event->position()));
}

void VtkCanvas::mouseDoubleClickEvent(QMouseEvent* event) {
    m_dragged = true; // its release is no second click
    if (event->button() == Qt::LeftButton && pickPoint(*m_state.scene, m_state.camera, event->position()) < 0)
        resetView();
}

void VtkCanvas::wheelEvent(QWheelEvent* event) {
    m_state.camera.zoom(std::pow(1.0015, event->angleDelta().y()), event->position());
    moved();
    event->accept();
}

bool VtkCanvas::moveCamera(int key) {
    const QPointF middle(width() / 2.0, height() / 2.0);
    switch (key) {
    case Qt::Key_Left: m_state.camera.orbit(6, 0); break;
    case Qt::Key_Right: m_state.camera.orbit(-6, 0); break;
    case Qt::Key_Up: m_state.camera.orbit(0, 6); break;
    case Qt::Key_Down: m_state.camera.orbit(0, -6); break;
    case Qt::Key_Plus:
    case Qt::Key_Equal: m_state.camera.zoom(1.2, middle); break;
    case Qt::Key_Minus: m_state.camera.zoom(1 / 1.2, middle); break;
    case Qt::Key_R:
    case Qt::Key_Home: m_state.camera.reset(); break;
    case Qt::Key_1: m_state.camera.reset(SceneCamera::View::AlongFirst); break;
    case Qt::Key_2: m_state.camera.reset(SceneCamera::View::AlongSecond); break;
    case Qt::Key_3: m_state.camera.reset(SceneCamera::View::AlongThird); break;
    default: return false;
    }
    return true;
}

void VtkCanvas::keyPressEvent(QKeyEvent* event) {
    if (event->modifiers() & (Qt::ControlModifier | Qt::AltModifier | Qt::MetaModifier))
        return QWidget::keyPressEvent(event);
    const int count = m_state.scene->size();
    if (moveCamera(event->key()))
        moved();
    else if (event->key() == Qt::Key_PageDown && count > 0)
        Q_EMIT pointClicked(std::min(m_state.focus.selected + 1, count - 1));
    else if (event->key() == Qt::Key_PageUp && count > 0)
        Q_EMIT pointClicked(std::max(m_state.focus.selected - 1, 0));
    else if (event->key() == Qt::Key_Escape && m_state.focus.selected >= 0)
        Q_EMIT pointClicked(-1);
    else
        QWidget::keyPressEvent(event);
}

void VtkCanvas::hover(int point, const QPoint& global) {
    if (point == m_state.focus.hovered)
        return;
    m_state.focus.hovered = point;
    setCursor(point >= 0 ? Qt::PointingHandCursor : Qt::ArrowCursor);
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
