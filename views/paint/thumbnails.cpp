// SPDX-License-Identifier: Apache-2.0
#include "views/paint/thumbnails.h"

#include "views/paint/color_scale.h"

#include <algorithm>

namespace sinkscope {

QImage thumbnailImage(const LayerStatistics& statistics, int head) {
    static const std::vector<QRgb> colors = indexColors("viridis");
    const int side = std::min(statistics.tokens, kThumbnailSize);
    ColorScale scale;
    scale.low = logFloor(statistics.tokens);
    QImage image(side, side, QImage::Format_ARGB32_Premultiplied);
    const float* values = statistics.thumbnail.data() + static_cast<std::size_t>(head) * side * side;
    for (int row = 0; row < side; ++row) {
        auto* line = reinterpret_cast<QRgb*>(image.scanLine(row));
        for (int column = 0; column < side; ++column)
            line[column] = statistics.causal && column > row ? qRgba(0, 0, 0, 0) : colors[scale.toIndex(*(values + row * side + column))];
    }
    return image;
}

} // namespace sinkscope
