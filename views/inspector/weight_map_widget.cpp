// SPDX-License-Identifier: Apache-2.0
#include "views/inspector/weight_map_widget.h"

#include <QApplication>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QWheelEvent>

#include <algorithm>
#include <bit>
#include <cmath>

namespace sinkscope {
namespace {

constexpr QSizeF kLargestCell{72, 40}; ///< pixels: room for a number; no zoom beyond
constexpr double kMargin = 0.2;        ///< of what is seen, read beyond it

/// First element and number of elements of one axis, with the margin, and the largest power of two that is no more than a pixel.
struct Span {
    std::size_t first, count, block;
};
Span spanOf(double origin, double extent, std::size_t all, double perPixel) {
    const auto end = static_cast<double>(all);
    const double first = std::floor(std::clamp(origin - extent * kMargin, 0.0, end - 1)), last = std::ceil(std::clamp(origin + extent * (1 + kMargin), first + 1, end));
    const std::size_t block = perPixel >= 2 ? std::bit_floor(static_cast<std::size_t>(perPixel)) : 1;
    return {static_cast<std::size_t>(first), static_cast<std::size_t>(last - first), block};
}

} // namespace

WeightMapWidget::WeightMapWidget(const Theme& theme, QWidget* parent) : QWidget(parent), m_theme(theme) {
    setMouseTracking(true);
    setFocusPolicy(Qt::StrongFocus);
    setMinimumSize(180, 160);
    setAccessibleName(tr("Heat map of a weight"));
}

void WeightMapWidget::setContent(WeightMapContent content) {
    m_content = std::move(content);
    showAll();
}

void WeightMapWidget::setPicture(std::shared_ptr<const WeightPicture> picture) {
    m_content.picture = std::move(picture);
    update();
}

void WeightMapWidget::setScale(const DivergingScale& scale, BlockValue value, const QString& barTitle) {
    m_content.scale = scale;
    m_content.value = value;
    m_content.barTitle = barTitle;
    update();
}

void WeightMapWidget::setSelected(qint64 row, qint64 column) {
    m_content.selectedRow = row;
    m_content.selectedColumn = column;
    update();
}

WeightMapView WeightMapWidget::currentView() const {
    return layoutWeightMap(QRectF(rect()).adjusted(6, 4, -4, -6), m_content, m_theme.smallFont, this, m_zoom, m_origin);
}

std::optional<MatrixWindow> WeightMapWidget::wantedWindow() const {
    if (m_content.rows == 0 || m_content.columns == 0)
        return std::nullopt;
    const WeightMapView view = currentView();
    const double ratio = devicePixelRatioF();
    const Span rows = spanOf(view.origin.y(), view.plot.height() / view.cell.height(), m_content.rows, 1 / (view.cell.height() * ratio));
    const Span columns = spanOf(view.origin.x(), view.plot.width() / view.cell.width(), m_content.columns, 1 / (view.cell.width() * ratio));
    return MatrixWindow{rows.first, columns.first, rows.count, columns.count, rows.block, columns.block};
}

std::pair<qint64, qint64> WeightMapWidget::elementAt(QPointF position) const {
    const WeightMapView view = currentView();
    if (m_content.rows == 0 || !view.plot.contains(position))
        return {-1, -1};
    return {std::clamp(static_cast<qint64>(std::floor(view.rowAt(position.y()))), qint64(0), static_cast<qint64>(m_content.rows) - 1),
            std::clamp(static_cast<qint64>(std::floor(view.columnAt(position.x()))), qint64(0), static_cast<qint64>(m_content.columns) - 1)};
}

void WeightMapWidget::zoomAt(QPointF position, QSizeF factor) {
    if (m_content.rows == 0)
        return;
    const WeightMapView before = currentView();
    const QPointF element(before.columnAt(position.x()), before.rowAt(position.y()));
    const auto zoomed = [](double zoom, double times, double cell, double largest) { return std::clamp(zoom * times, 1.0, std::max(1.0, zoom * largest / cell)); };
    m_zoom = {zoomed(m_zoom.width(), factor.width(), before.cell.width(), kLargestCell.width()),
              zoomed(m_zoom.height(), factor.height(), before.cell.height(), kLargestCell.height())};
    const QSizeF cell = currentView().cell;
    const QPointF offset = position - before.plot.topLeft();
    m_origin = element - QPointF(offset.x() / cell.width(), offset.y() / cell.height()); // the element stays under the pointer
    m_origin = currentView().origin;
    update();
    Q_EMIT viewChanged();
}

void WeightMapWidget::showAll() {
    m_zoom = {1, 1};
    m_origin = {};
    update();
    Q_EMIT viewChanged();
}

void WeightMapWidget::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setRenderHint(QPainter::TextAntialiasing);
    painter.fillRect(rect(), m_theme.panel);
    if (m_content.rows > 0)
        paintWeightMap(painter, m_content, currentView(), m_theme.smallFont, m_theme);
    if (hasFocus()) {
        painter.setPen(QPen(m_theme.accent, 1));
        painter.drawRect(rect().adjusted(0, 0, -1, -1));
    }
}

void WeightMapWidget::resizeEvent(QResizeEvent* event) {
    QWidget::resizeEvent(event);
    Q_EMIT viewChanged();
}

void WeightMapWidget::mousePressEvent(QMouseEvent* event) {
    m_pressed = event->position();
    m_pressedOrigin = currentView().origin;
    m_dragging = false;
}

void WeightMapWidget::mouseMoveEvent(QMouseEvent* event) {
    const QPointF moved = event->position() - m_pressed;
    if ((event->buttons() & Qt::LeftButton) && (m_dragging || moved.manhattanLength() >= QApplication::startDragDistance())) {
        m_dragging = true;
        const QSizeF cell = currentView().cell;
        m_origin = m_pressedOrigin - QPointF(moved.x() / cell.width(), moved.y() / cell.height());
        m_origin = currentView().origin; // clamped
        update();
        Q_EMIT viewChanged();
        return;
    }
    const auto [row, column] = elementAt(event->position());
    Q_EMIT hovered(row, column);
}

void WeightMapWidget::mouseReleaseEvent(QMouseEvent* event) {
    const auto [row, column] = elementAt(event->position());
    if (event->button() == Qt::LeftButton && !m_dragging && row >= 0)
        choose(row, column);
    m_dragging = false;
}

void WeightMapWidget::mouseDoubleClickEvent(QMouseEvent*) { showAll(); }

void WeightMapWidget::wheelEvent(QWheelEvent* event) {
    // Some systems turn the wheel sideways while Shift is held.
    const double factor = std::pow(1.0015, event->angleDelta().y() != 0 ? event->angleDelta().y() : event->angleDelta().x());
    const bool onlyColumns = event->modifiers() & Qt::ShiftModifier, onlyRows = event->modifiers() & Qt::ControlModifier;
    zoomAt(event->position(), {onlyRows ? 1 : factor, onlyColumns ? 1 : factor});
    event->accept();
}

void WeightMapWidget::choose(qint64 row, qint64 column) {
    setSelected(row, column);
    const WeightMapView view = currentView();
    const double width = view.plot.width() / view.cell.width(), height = view.plot.height() / view.cell.height();
    const QPointF before = m_origin;
    m_origin.setX(std::min(std::max(m_origin.x(), static_cast<double>(column) + 1 - width), static_cast<double>(column)));
    m_origin.setY(std::min(std::max(m_origin.y(), static_cast<double>(row) + 1 - height), static_cast<double>(row)));
    if (m_origin != before)
        Q_EMIT viewChanged();
    Q_EMIT chosen(row, column);
}

void WeightMapWidget::keyPressEvent(QKeyEvent* event) {
    if (m_content.rows == 0)
        return QWidget::keyPressEvent(event);
    const WeightMapView view = currentView();
    // One element, or one pixel where many share it.
    const auto stepRow = static_cast<qint64>(std::max(1.0, 1 / view.cell.height())), stepColumn = static_cast<qint64>(std::max(1.0, 1 / view.cell.width()));
    qint64 row = std::max<qint64>(m_content.selectedRow, 0), column = std::max<qint64>(m_content.selectedColumn, 0);
    switch (event->key()) {
    case Qt::Key_Left: column -= stepColumn; break;
    case Qt::Key_Right: column += stepColumn; break;
    case Qt::Key_Up: row -= stepRow; break;
    case Qt::Key_Down: row += stepRow; break;
    case Qt::Key_Home: column = 0; break;
    case Qt::Key_End: column = static_cast<qint64>(m_content.columns) - 1; break;
    case Qt::Key_PageUp: row -= std::max<qint64>(1, static_cast<qint64>(view.plot.height() / view.cell.height())); break;
    case Qt::Key_PageDown: row += std::max<qint64>(1, static_cast<qint64>(view.plot.height() / view.cell.height())); break;
    case Qt::Key_0: return showAll();
    case Qt::Key_Plus:
    case Qt::Key_Equal:
    case Qt::Key_Minus: {
        const double factor = event->key() == Qt::Key_Minus ? 0.7 : 1.4;
        const QPointF chosenAt(view.xOf(static_cast<double>(column) + 0.5), view.yOf(static_cast<double>(row) + 0.5));
        return zoomAt(m_content.selectedRow >= 0 && view.plot.contains(chosenAt) ? chosenAt : view.plot.center(), {factor, factor});
    }
    default: return QWidget::keyPressEvent(event);
    }
    choose(std::clamp(row, qint64(0), static_cast<qint64>(m_content.rows) - 1), std::clamp(column, qint64(0), static_cast<qint64>(m_content.columns) - 1));
}

void WeightMapWidget::leaveEvent(QEvent*) { Q_EMIT hovered(-1, -1); }

} // namespace sinkscope
