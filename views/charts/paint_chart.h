// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <QChart>
#include <QPainter>
#include <QRectF>

#include <memory>

namespace sinkscope {

/// Draws a chart into an area of a page and returns where its plot lies there. Thread: gui.
QRectF paintChart(QPainter& painter, const QRectF& area, std::unique_ptr<QChart> chart);

} // namespace sinkscope
