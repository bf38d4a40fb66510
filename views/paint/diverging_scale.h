// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "views/theme.h"

#include <QPainter>
#include <QRectF>
#include <QString>

#include <vector>

namespace sinkscope {

/// A colour scale with zero in the middle: as far to either side as `limit`.
struct DivergingScale {
    static constexpr double kExponent = 0.4; ///< of the signed root
    double limit = 1;
    bool isRoot = false;   ///< sign(x) |x|^0.4: shows what is small beside what is large
    bool isClipped = false; ///< some magnitude lies beyond `limit`

    /// -1..1, clamped; 0 for NaN.
    [[nodiscard]] double toUnit(double value) const;
    [[nodiscard]] double fromUnit(double unit) const;
};

/// 511 opaque colours from the lowest to the highest value: number 255 is zero, in a colour near the panel's.
std::vector<QRgb> divergingTable(const Theme& theme);
inline QRgb divergingColor(const std::vector<QRgb>& table, const DivergingScale& scale, double value) {
    return table[static_cast<std::size_t>(255.5 + 255 * scale.toUnit(value))];
}
/// Of what is NaN or infinite: on no diverging scale.
QRgb brokenColor();

/// Height that `paintDivergingBar` needs.
double divergingBarHeight(const QFont& font, const QPaintDevice* device);
/// A bar with its title above and ticks below, zero marked; `hasBroken` adds the colour of what is not finite.
void paintDivergingBar(QPainter& painter, const QRectF& area, const DivergingScale& scale, const std::vector<QRgb>& table, const QString& title, bool hasBroken,
                       const QFont& font, const Theme& theme);

} // namespace sinkscope
