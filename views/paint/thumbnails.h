// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/attention/layer_statistics.h"

#include <QImage>
#include <QPainter>
#include <QRectF>

namespace sinkscope {

/// The thumbnail of a head through the sequential map on a logarithmic scale; what no query sees is transparent. Thread: any.
QImage thumbnailImage(const LayerStatistics& statistics, int head);

} // namespace sinkscope
