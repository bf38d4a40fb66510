// SPDX-License-Identifier: Apache-2.0
#include "views/heat_map_widget.h"

#include <QApplication>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QWheelEvent>

#include <algorithm>
#include <cmath>

namespace sinkscope {
namespace {

constexpr double kLargestCell = 120; ///< pixels: no zoom beyond

} // namespace

HeatMapWidget::HeatMapWidget(const Theme& theme, QWidget* parent) : QWidget(parent), m_theme(theme) {
    setMouseTracking(true);
    setFocusPolicy(Qt::StrongFocus);
    setMinimumSize(200, 200);
    setAccessibleName(tr("Attention of one head"));
}

void HeatMapWidget::setContent(HeatMapContent content) {
    const int before = m_content.image ? m_content.image->tokens : 0;
    m_content = std::move(content);
    measureLabels(m_content, m_theme.smallFont);
    if (!m_content.image || m_content.image->tokens != before) {
        m_zoom = 1;
        m_origin = {};
    }
    update();
}

void HeatMapWidget::setSelected(int key, int query) {
    m_content.keys.selected = key;
    m_content.queries.selected = query;
    update();
}

void HeatMapWidget::setImage(std::shared_ptr<const MatrixImage> image) {
    m_content.image = std::move(image);
    update();
}

void HeatMapWidget::resizeEvent(QResizeEvent*) { Q_EMIT viewChanged(); }

void HeatMapWidget::setMarked(std::vector<int> keys) {
    m_content.keys.marked = std::move(keys);
    update();
}

HeatMapLayout HeatMapWidget::currentLayout() const {
    return layoutHeatMap(QRectF(rect()).adjusted(6, 6, -6, -6), m_content, m_theme.smallFont, this, m_zoom, m_origin);
}

void HeatMapWidget::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setRenderHint(QPainter::TextAntialiasing);
    paintHeatMap(painter, m_content, currentLayout(), m_theme.smallFont, m_theme, devicePixelRatioF());
}

std::pair<int, int> HeatMapWidget::cellAt(QPointF position) const {
    const MatrixView view = currentLayout().view;
    if (!m_content.image || !view.plot.contains(position))
        return {-1, -1};
    const int last = m_content.image->tokens - 1;
    return {std::clamp(static_cast<int>(view.keyAt(position.x())), 0, last), std::clamp(static_cast<int>(view.queryAt(position.y())), 0, last)};
}

void HeatMapWidget::mousePressEvent(QMouseEvent* event) {
    m_pressed = event->position();
    m_pressedOrigin = currentLayout().view.origin;
    m_dragging = false;
}

void HeatMapWidget::mouseMoveEvent(QMouseEvent* event) {
    const bool far = (event->position() - m_pressed).manhattanLength() >= QApplication::startDragDistance();
    if ((event->buttons() & Qt::LeftButton) && (m_dragging || far)) {
        m_dragging = true;
        m_origin = m_pressedOrigin - (event->position() - m_pressed) / currentLayout().view.cell;
        m_origin = currentLayout().view.origin; // clamped
        update();
        Q_EMIT viewChanged();
        return;
    }
    const auto [key, query] = cellAt(event->position());
    Q_EMIT hovered(key, query);
}

void HeatMapWidget::mouseReleaseEvent(QMouseEvent* event) {
    const auto [key, query] = cellAt(event->position());
    if (event->button() == Qt::LeftButton && !m_dragging && key >= 0)
        Q_EMIT chosen(key, query);
    m_dragging = false;
}

void HeatMapWidget::mouseDoubleClickEvent(QMouseEvent*) {
    m_zoom = 1;
    m_origin = {};
    update();
    Q_EMIT viewChanged();
}

void HeatMapWidget::zoomAt(QPointF position, double factor) {
    const HeatMapLayout before = currentLayout();
    if (!m_content.image)
        return;
    const QPointF cell(before.view.keyAt(position.x()), before.view.queryAt(position.y()));
    m_zoom = std::clamp(m_zoom * factor, 1.0, std::max(1.0, kLargestCell / before.fittedCell));
    const double size = before.fittedCell * m_zoom;
    m_origin = cell - (position - before.view.plot.topLeft()) / size; // the cell stays under the pointer
    m_origin = currentLayout().view.origin;
    update();
    Q_EMIT viewChanged();
}

void HeatMapWidget::wheelEvent(QWheelEvent* event) {
    zoomAt(event->position(), std::pow(1.0015, event->angleDelta().y()));
    event->accept();
}

void HeatMapWidget::keyPressEvent(QKeyEvent* event) {
    const int last = m_content.image ? m_content.image->tokens - 1 : -1;
    int key = std::max(m_content.keys.selected, 0), query = std::max(m_content.queries.selected, 0);
    switch (event->key()) {
    case Qt::Key_Left: --key; break;
    case Qt::Key_Right: ++key; break;
    case Qt::Key_Up: --query; break;
    case Qt::Key_Down: ++query; break;
    case Qt::Key_Home: key = 0; break;
    case Qt::Key_End: key = last; break;
    case Qt::Key_Plus: return zoomAt(currentLayout().view.plot.center(), 1.25);
    case Qt::Key_Minus: return zoomAt(currentLayout().view.plot.center(), 0.8);
    default: return QWidget::keyPressEvent(event);
    }
    if (last >= 0)
        Q_EMIT chosen(std::clamp(key, 0, last), std::clamp(query, 0, last));
}

void HeatMapWidget::leaveEvent(QEvent*) { Q_EMIT hovered(-1, -1); }

} // namespace sinkscope
