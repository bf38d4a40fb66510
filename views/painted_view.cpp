// SPDX-License-Identifier: Apache-2.0
#include "views/painted_view.h"

#include <QApplication>
#include <QKeyEvent>
#include <QMetaMethod>
#include <QMouseEvent>
#include <QPainter>

#include <cmath>

namespace sinkscope {

PaintedView::PaintedView(const Theme& theme, QWidget* parent) : QWidget(parent), m_theme(theme) {
    setMouseTracking(true);
    setFocusPolicy(Qt::StrongFocus);
    setMinimumSize(120, 100);
}

void PaintedView::setPaint(Paint paint) {
    m_paint = std::move(paint);
    update();
}

void PaintedView::setHint(QSize hint) {
    m_hint = hint;
    updateGeometry();
}

void PaintedView::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setRenderHints(QPainter::Antialiasing | QPainter::TextAntialiasing);
    painter.fillRect(rect(), m_theme.panel);
    if (m_paint)
        m_paint(painter, QRectF(rect()));
    if (hasFocus()) {
        painter.setRenderHint(QPainter::Antialiasing, false);
        painter.setBrush(Qt::NoBrush);
        painter.setPen(QPen(m_theme.accent, 1));
        painter.drawRect(rect().adjusted(0, 0, -1, -1));
    }
}

void PaintedView::mouseMoveEvent(QMouseEvent* event) {
    const bool isFar = (event->position() - m_pressed).manhattanLength() >= QApplication::startDragDistance();
    if ((event->buttons() & Qt::LeftButton) && (m_dragging || isFar)) {
        m_dragging = true;
        Q_EMIT dragged(m_pressed, event->position());
        return;
    }
    Q_EMIT hovered(event->position());
}

void PaintedView::mousePressEvent(QMouseEvent* event) {
    if (event->button() != Qt::LeftButton)
        return;
    m_pressed = event->position();
    m_dragging = false;
    Q_EMIT dragged(m_pressed, m_pressed);
}

void PaintedView::mouseReleaseEvent(QMouseEvent* event) {
    if (event->button() == Qt::LeftButton && !m_dragging)
        Q_EMIT clicked(event->position());
    m_dragging = false;
}

void PaintedView::mouseDoubleClickEvent(QMouseEvent*) { Q_EMIT doubleClicked(); }

void PaintedView::wheelEvent(QWheelEvent* event) {
    if (!isSignalConnected(QMetaMethod::fromSignal(&PaintedView::zoomed)))
        return QWidget::wheelEvent(event); // what scrolls around it may want it
    Q_EMIT zoomed(event->position(), std::pow(1.0015, event->angleDelta().y()));
    event->accept();
}

void PaintedView::keyPressEvent(QKeyEvent* event) {
    if (!m_onKey || event->modifiers() & (Qt::ControlModifier | Qt::AltModifier) || !m_onKey(event->key()))
        QWidget::keyPressEvent(event);
}

void PaintedView::leaveEvent(QEvent*) { Q_EMIT left(); }

} // namespace sinkscope
