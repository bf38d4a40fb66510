// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "app/settings.h"
#include "views/theme.h"
#include "views/view_spec.h"

#include <QObject>

namespace sinkscope {

/// Owns the theme that every panel refers to, and applies it to the application. Thread: gui.
class ThemeController : public QObject {
    Q_OBJECT
public:
    explicit ThemeController(QObject* parent = nullptr);

    [[nodiscard]] const Theme& theme() const { return m_theme; }
    [[nodiscard]] ThemeNotifier& notifier() { return m_notifier; }
    [[nodiscard]] ThemeMode mode() const { return m_mode; }
    [[nodiscard]] double fontZoom() const { return m_zoom; }

    void setMode(ThemeMode mode);
    void setFontZoom(double zoom);
    /// Looks at the desktop's colours again: they may have changed while the mode is System.
    void refresh();

private:
    [[nodiscard]] bool systemIsDark() const;
    void apply();

    Theme m_theme;
    ThemeNotifier m_notifier;
    ThemeMode m_mode = ThemeMode::System;
    double m_zoom = 1.0;
    bool m_applying = false;
};

} // namespace sinkscope
