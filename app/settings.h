// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <QByteArray>
#include <QSettings>
#include <QStringList>

namespace sinkscope {

enum class ThemeMode { System, Light, Dark };

/// What is remembered between starts, with its keys in one place. Thread: gui.
class Settings {
public:
    /// Bumped when docks are added or renamed in a way that makes an old layout useless.
    static constexpr int kLayoutVersion = 4;
    static constexpr int kRecentPaths = 10;

    [[nodiscard]] ThemeMode themeMode() const;
    void setThemeMode(ThemeMode mode);
    /// Size of the interface font relative to its normal size, 0.7 to 2.
    [[nodiscard]] double fontZoom() const;
    void setFontZoom(double zoom);

    [[nodiscard]] QStringList recentPaths() const;
    void addRecentPath(const QString& path);
    void clearRecentPaths();
    /// Where file dialogs start.
    [[nodiscard]] QString lastFolder() const;
    void setLastFolder(const QString& folder);

    /// Empty when nothing was saved, or by another layout version.
    [[nodiscard]] QByteArray windowGeometry() const;
    [[nodiscard]] QByteArray dockLayout() const;
    void saveLayout(const QByteArray& geometry, const QByteArray& docks);

    [[nodiscard]] bool samplePerLine() const;
    void setSamplePerLine(bool on);

private:
    mutable QSettings m_store;
};

} // namespace sinkscope
