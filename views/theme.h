// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <QColor>
#include <QFont>
#include <QPalette>

#include <string_view>
#include <vector>

namespace sinkscope {

/// Colours and fonts of the interface. Figures always use `Theme::light()`, whatever the window shows.
struct Theme {
    bool isDark = false;
    QColor window, panel, panelHeader, border, text, mutedText, accent, selection, anchor, warning, error;
    QColor diverging[2];              ///< ends of a diverging scale
    std::vector<QColor> categories;   ///< Okabe and Ito, readable with every common colour blindness
    QFont font, smallFont, headerFont;

    static Theme light();
    static Theme dark();
    [[nodiscard]] QPalette palette() const;
    [[nodiscard]] QString styleSheet() const;
};

/// A sequential colour map that is perceptually even and safe for colour blindness; `t` in 0..1, clamped. "viridis" and "cividis".
QColor sequentialColor(std::string_view map, double t);
/// The map as 256 packed 0xffRRGGBB values, for painting images.
const std::vector<QRgb>& sequentialTable(std::string_view map);

} // namespace sinkscope
