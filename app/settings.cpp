// SPDX-License-Identifier: Apache-2.0
#include "app/settings.h"

#include <algorithm>

namespace sinkscope {
namespace {

const QString kTheme = QStringLiteral("interface/theme");
const QString kFontZoom = QStringLiteral("interface/font_zoom");
const QString kRecent = QStringLiteral("files/recent");
const QString kFolder = QStringLiteral("files/last_folder");
const QString kLayoutVersionKey = QStringLiteral("layout/version");
const QString kGeometry = QStringLiteral("layout/geometry");
const QString kDocks = QStringLiteral("layout/docks");
const QString kSamplePerLine = QStringLiteral("run/sample_per_line");

} // namespace

ThemeMode Settings::themeMode() const {
    const QString name = m_store.value(kTheme).toString();
    if (name == QLatin1String("dark"))
        return ThemeMode::Dark;
    return name == QLatin1String("light") ? ThemeMode::Light : ThemeMode::System;
}

void Settings::setThemeMode(ThemeMode mode) {
    m_store.setValue(kTheme, mode == ThemeMode::Dark    ? QStringLiteral("dark")
                             : mode == ThemeMode::Light ? QStringLiteral("light")
                                                        : QStringLiteral("system"));
}

double Settings::fontZoom() const { return std::clamp(m_store.value(kFontZoom, 1.0).toDouble(), 0.7, 2.0); }

void Settings::setFontZoom(double zoom) { m_store.setValue(kFontZoom, std::clamp(zoom, 0.7, 2.0)); }

QStringList Settings::recentPaths() const { return m_store.value(kRecent).toStringList(); }

void Settings::addRecentPath(const QString& path) {
    QStringList paths = recentPaths();
    paths.removeAll(path);
    paths.prepend(path);
    m_store.setValue(kRecent, QStringList(paths.mid(0, kRecentPaths)));
}

void Settings::clearRecentPaths() { m_store.remove(kRecent); }

QString Settings::lastFolder() const { return m_store.value(kFolder).toString(); }

void Settings::setLastFolder(const QString& folder) { m_store.setValue(kFolder, folder); }

QByteArray Settings::windowGeometry() const { return m_store.value(kGeometry).toByteArray(); }

QByteArray Settings::dockLayout() const {
    return m_store.value(kLayoutVersionKey).toInt() == kLayoutVersion ? m_store.value(kDocks).toByteArray() : QByteArray();
}

void Settings::saveLayout(const QByteArray& geometry, const QByteArray& docks) {
    m_store.setValue(kLayoutVersionKey, kLayoutVersion);
    m_store.setValue(kGeometry, geometry);
    m_store.setValue(kDocks, docks);
}

bool Settings::samplePerLine() const { return m_store.value(kSamplePerLine, false).toBool(); }

void Settings::setSamplePerLine(bool on) { m_store.setValue(kSamplePerLine, on); }

} // namespace sinkscope
