// SPDX-License-Identifier: Apache-2.0
#include "views/theme.h"

#include <QFontDatabase>
#include <QFontInfo>

#include <algorithm>
#include <cmath>

namespace sinkscope {
namespace {

QColor hex(const char* value) {
    return QColor(QString::fromLatin1(value));
}

/// The desktop's size is kept when it is larger than ours: somebody needs it.
void setFonts(Theme& theme) {
    const int size = std::clamp(QFontInfo(QFontDatabase::systemFont(QFontDatabase::GeneralFont)).pixelSize(), 13, 24);
    theme.font.setFamilies({QStringLiteral("Inter"), QStringLiteral("Noto Sans"), QStringLiteral("DejaVu Sans"), QStringLiteral("sans-serif")});
    theme.font.setPixelSize(size);
    theme.smallFont = theme.font;
    theme.smallFont.setPixelSize(size - 2);
    theme.headerFont = theme.smallFont;
    theme.headerFont.setWeight(QFont::DemiBold);
    theme.headerFont.setLetterSpacing(QFont::AbsoluteSpacing, 0.6);
}

double luminance(const QColor& color) {
    const auto linear = [](double channel) {
        return channel <= 0.03928 ? channel / 12.92 : std::pow((channel + 0.055) / 1.055, 2.4);
    };
    return 0.2126 * linear(color.redF()) + 0.7152 * linear(color.greenF()) + 0.0722 * linear(color.blueF());
}

} // namespace

double contrastRatio(const QColor& first, const QColor& second) {
    const double a = luminance(first), b = luminance(second);
    return (std::max(a, b) + 0.05) / (std::min(a, b) + 0.05);
}

Theme Theme::light() {
    Theme theme;
    theme.window = hex("#f3f5f9");
    theme.panel = hex("#ffffff");
    theme.panelHeader = hex("#f8fafc");
    theme.border = hex("#dfe4ec");
    theme.text = hex("#1a2230");
    theme.mutedText = hex("#5a6475");
    theme.accent = hex("#2153cc");
    theme.selection = hex("#e1eafc");
    theme.anchor = hex("#f5b83d");
    theme.warning = hex("#8f5400");
    theme.error = hex("#b3261e");
    theme.onAccent = hex("#ffffff");
    theme.onAnchor = hex("#2d2000");
    theme.anchorText = hex("#8f5a00");
    theme.focusFrame = hex("#e5482d");
    theme.grid = hex("#e6eaf1");
    theme.chip = hex("#edf1f7");
    theme.hover = hex("#eef2f8");
    theme.diverging[0] = hex("#2166ac");
    theme.diverging[1] = hex("#d6620a");
    theme.categories = {hex("#0072b2"), hex("#d55e00"), hex("#009e73"), hex("#cc79a7"),
                        hex("#e69f00"), hex("#56b4e9"), hex("#000000"), hex("#f0e442")};
    setFonts(theme);
    return theme;
}

Theme Theme::dark() {
    Theme theme;
    theme.isDark = true;
    theme.window = hex("#11151b");
    theme.panel = hex("#181d25");
    theme.panelHeader = hex("#1e242e");
    theme.border = hex("#2d3542");
    theme.text = hex("#e4e9f0");
    theme.mutedText = hex("#9ba6b6");
    theme.accent = hex("#82aaff");
    theme.selection = hex("#26375a");
    theme.anchor = hex("#f5b83d");
    theme.warning = hex("#f0b35a");
    theme.error = hex("#ff8a80");
    theme.onAccent = hex("#0c1424");
    theme.onAnchor = hex("#2d2000");
    theme.anchorText = hex("#f7c65c");
    theme.focusFrame = hex("#ff7a5c");
    theme.grid = hex("#2a323f");
    theme.chip = hex("#29313d");
    theme.hover = hex("#252d39");
    theme.diverging[0] = hex("#6baed6");
    theme.diverging[1] = hex("#fd8d3c");
    theme.categories = {hex("#56b4e9"), hex("#e69f00"), hex("#009e73"), hex("#cc79a7"),
                        hex("#f0e442"), hex("#d55e00"), hex("#e4e9f0"), hex("#0072b2")};
    setFonts(theme);
    return theme;
}

QPalette Theme::palette() const {
    QPalette result;
    result.setColor(QPalette::Window, window);
    result.setColor(QPalette::WindowText, text);
    result.setColor(QPalette::Base, panel);
    result.setColor(QPalette::AlternateBase, panelHeader);
    result.setColor(QPalette::Text, text);
    result.setColor(QPalette::Button, panelHeader);
    result.setColor(QPalette::ButtonText, text);
    result.setColor(QPalette::BrightText, error);
    result.setColor(QPalette::Highlight, selection);
    result.setColor(QPalette::HighlightedText, text);
    result.setColor(QPalette::Link, accent);
    result.setColor(QPalette::LinkVisited, accent);
    result.setColor(QPalette::ToolTipBase, panel);
    result.setColor(QPalette::ToolTipText, text);
    result.setColor(QPalette::PlaceholderText, mutedText);
    result.setColor(QPalette::Light, panel);
    result.setColor(QPalette::Midlight, panelHeader);
    result.setColor(QPalette::Mid, border);
    result.setColor(QPalette::Dark, border.darker(isDark ? 80 : 125));
    result.setColor(QPalette::Shadow, isDark ? QColor(0, 0, 0) : QColor(120, 130, 145));
    for (const auto role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText})
        result.setColor(QPalette::Disabled, role, isDark ? hex("#6a7585") : hex("#98a2b1"));
    return result;
}

} // namespace sinkscope
