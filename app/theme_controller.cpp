// SPDX-License-Identifier: Apache-2.0
#include "app/theme_controller.h"

#include <QApplication>
#include <QPalette>

#include <algorithm>

namespace sinkscope {

ThemeController::ThemeController(QObject* parent) : QObject(parent), m_theme(Theme::light()) {}

void ThemeController::setMode(ThemeMode mode) {
    m_mode = mode;
    apply();
}

void ThemeController::setFontZoom(double zoom) {
    m_zoom = std::clamp(zoom, 0.7, 2.0);
    apply();
}

void ThemeController::refresh() {
    if (m_mode != ThemeMode::System || m_applying)
        return; // setting a palette makes Qt announce a theme change in turn
    m_applying = true;
    const bool dark = systemIsDark();
    m_applying = false;
    if (dark != m_theme.isDark)
        apply();
}

bool ThemeController::systemIsDark() const {
    // Qt 6.4 cannot say which scheme the desktop uses. The platform's own palette shows through when ours is taken away.
    const QPalette ours = QApplication::palette();
    QApplication::setPalette(QPalette());
    const bool dark = QApplication::palette().color(QPalette::Window).lightness() < 128;
    QApplication::setPalette(ours);
    return dark;
}

void ThemeController::apply() {
    m_applying = true;
    const bool dark = m_mode == ThemeMode::Dark || (m_mode == ThemeMode::System && systemIsDark());
    m_theme = dark ? Theme::dark() : Theme::light();
    for (QFont* font : {&m_theme.font, &m_theme.smallFont, &m_theme.headerFont}) {
        if (font->pointSizeF() > 0)
            font->setPointSizeF(font->pointSizeF() * m_zoom);
        else
            font->setPixelSize(std::max(1, qRound(font->pixelSize() * m_zoom)));
    }
    QApplication::setPalette(m_theme.palette());
    QApplication::setFont(m_theme.font);
    qApp->setStyleSheet(m_theme.styleSheet());
    m_applying = false;
    Q_EMIT m_notifier.themeChanged();
}

} // namespace sinkscope
