// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <QColor>
#include <QFont>
#include <QPalette>

#include <string_view>
#include <vector>

namespace sinkscope {

/// Colours and fonts of the interface. Figures always use `Theme::light()`, whatever the window shows.
///
/// Text colours (`text`, `mutedText`, `accent`, `anchorText`, `warning`, `error`) have a contrast of at least 4.5:1 on `panel`,
/// `panelHeader` and `window`; `onAccent` on `accent` and `onAnchor` on `anchor` too (checked by a test).
struct Theme {
    bool isDark = false;
    QColor window, panel, panelHeader, border, text, mutedText, accent, selection, anchor, warning, error;
    QColor onAccent;                  ///< text on a fill of `accent`
    QColor onAnchor;                  ///< text on a fill of `anchor`
    QColor anchorText;                ///< the anchor colour made readable as text
    QColor focusFrame;                ///< frames the selected head and cell: seen on every colour of the sequential maps
    QColor grid;                      ///< lines of charts
    QColor chip;                      ///< fill of token chips and badges
    QColor hover;                     ///< fill under the mouse
    QColor diverging[2];              ///< ends of a diverging scale
    std::vector<QColor> categories;   ///< Okabe and Ito, readable with every common colour blindness
    QFont font, smallFont, headerFont;

    /// Need a QGuiApplication, for the fonts.
    static Theme light();
    static Theme dark();
    [[nodiscard]] QPalette palette() const;
    /// For the whole application; refers to the icons in the resource `:/sinkscope/icons`.
    [[nodiscard]] QString styleSheet() const;
};

/// Ratio of WCAG 2.1 between two opaque colours, 1..21.
double contrastRatio(const QColor& first, const QColor& second);

/// A sequential colour map that is perceptually even and safe for colour blindness; `t` in 0..1, clamped. "viridis" and "cividis".
QColor sequentialColor(std::string_view map, double t);
/// The map as 256 packed 0xffRRGGBB values, for painting images.
const std::vector<QRgb>& sequentialTable(std::string_view map);

} // namespace sinkscope
