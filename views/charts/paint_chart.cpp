// SPDX-License-Identifier: Apache-2.0
#include "views/charts/paint_chart.h"

#include <QGraphicsScene>

namespace sinkscope {

QRectF paintChart(QPainter& painter, const QRectF& area, std::unique_ptr<QChart> chart) {
    QGraphicsScene scene;
    QChart* item = chart.release(); // the scene owns it
    scene.addItem(item);
    item->setGeometry(QRectF(QPointF(0, 0), area.size()));
    scene.setSceneRect(QRectF(QPointF(0, 0), area.size()));
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    scene.render(&painter, area, scene.sceneRect(), Qt::IgnoreAspectRatio);
    painter.restore();
    return item->mapRectToScene(item->plotArea()).translated(area.topLeft());
}

} // namespace sinkscope
