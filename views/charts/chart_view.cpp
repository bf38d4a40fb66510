// SPDX-License-Identifier: Apache-2.0
#include "views/charts/chart_view.h"

#include <QGraphicsScene>
#include <QKeyEvent>
#include <QMouseEvent>

namespace sinkscope {

ChartView::ChartView(const Theme& theme, QWidget* parent) : QChartView(parent), m_theme(theme) {
    setRenderHint(QPainter::Antialiasing);
    setFrameShape(QFrame::NoFrame);
    setMouseTracking(true);
    setFocusPolicy(Qt::StrongFocus);
    setMinimumHeight(120);
}

void ChartView::show(std::unique_ptr<QChart> chart, Overlay overlay) {
    QChart* before = this->chart();
    setChart(chart.release());
    delete before;
    m_overlay = std::move(overlay);
    viewport()->update();
}

QRectF ChartView::plotArea() const {
    return chart() ? mapFromScene(chart()->mapRectToScene(chart()->plotArea())).boundingRect() : QRectF();
}

void ChartView::drawBackground(QPainter* painter, const QRectF& area) {
    painter->fillRect(area, m_theme.panel);
}

void ChartView::drawForeground(QPainter* painter, const QRectF&) {
    if (!chart() || !m_overlay)
        return;
    painter->save();
    m_overlay(*painter, chart()->mapRectToScene(chart()->plotArea()));
    painter->restore();
}

double ChartView::placeOf(QPointF position) const {
    const QRectF plot = plotArea();
    // Layer and token names below the plot belong to it.
    if (plot.width() <= 0 || position.x() < plot.left() || position.x() > plot.right() || position.y() < plot.top())
        return -1;
    return (position.x() - plot.left()) / plot.width();
}

void ChartView::mouseMoveEvent(QMouseEvent* event) {
    Q_EMIT hovered(placeOf(event->position()));
}

void ChartView::mousePressEvent(QMouseEvent* event) {
    if (event->button() != Qt::LeftButton)
        return;
    if (const double place = placeOf(event->position()); place >= 0)
        Q_EMIT chosen(place);
    else
        Q_EMIT pressedOutside(event->position());
}

void ChartView::resizeEvent(QResizeEvent* event) {
    QChartView::resizeEvent(event);
    Q_EMIT resized();
}

void ChartView::leaveEvent(QEvent*) {
    Q_EMIT hovered(-1);
}

void ChartView::keyPressEvent(QKeyEvent* event) {
    if (event->key() == Qt::Key_Left || event->key() == Qt::Key_Right)
        Q_EMIT stepped(event->key() == Qt::Key_Left ? -1 : 1);
    else
        QChartView::keyPressEvent(event);
}

void paintChart(QPainter& painter, const QRectF& area, std::unique_ptr<QChart> chart, const ChartView::Overlay& overlay) {
    QGraphicsScene scene;
    QChart* item = chart.release(); // owned by the scene from here
    scene.addItem(item);
    item->setAnimationOptions(QChart::NoAnimation);
    item->resize(area.size());
    scene.setSceneRect(QRectF(QPointF(0, 0), area.size()));
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    scene.render(&painter, area, scene.sceneRect());
    painter.translate(area.topLeft());
    overlay(painter, item->mapRectToScene(item->plotArea()));
    painter.restore();
}

} // namespace sinkscope
