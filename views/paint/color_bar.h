// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "views/paint/color_scale.h"
#include "views/theme.h"

#include <QPainter>
#include <QRectF>

#include <span>

namespace sinkscope {

/// Height that `paintColorBar` needs with this font.
double colorBarHeight(const QFont& font, const QPaintDevice* device);
/// A horizontal bar with its ticks below and its title above; a triangle at the right stands for values above the range.
void paintColorBar(QPainter& painter, const QRectF& area, const ColorScale& scale, std::span<const QRgb> colors, const QString& title,
                   const QFont& font, const Theme& theme);

} // namespace sinkscope
