// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "views/view_spec.h"

#include <QMainWindow>

class QDockWidget;
class QMenu;

namespace sinkscope {

/// The docks of the main window: one for every registered view, laid out by its area. Thread: gui.
class DockLayout : public QMainWindow {
    Q_OBJECT
public:
    DockLayout(const ViewContext& context, QWidget* parent = nullptr);

    /// One entry for every view.
    void fillMenu(QMenu& menu) const;
    /// Puts every dock back where it was at first.
    void reset();
    /// Takes a layout that `saveState` gave; otherwise the standard one is made for the size that the window has when it is first shown.
    void restore(const QByteArray& state, int version);
    [[nodiscard]] QWidget* panel(const QString& id) const;
    /// Shows the dock of a view, in front of those that share its place.
    void bringToFront(const QString& id);

Q_SIGNALS:
    void exportRequested(const QJsonObject& recipe);

protected:
    void showEvent(QShowEvent* event) override;
    /// Tabs keep their names, and scroll where they find no room.
    void childEvent(QChildEvent* event) override;

private:
    void addDock(const ViewSpec& spec, const ViewContext& context);
    void arrange();
    /// Widths and heights of the places; Qt forgets them when docks move, so that it comes after the layout has settled.
    void sizePlaces();
    struct Entry {
        const ViewSpec* spec;
        QDockWidget* dock;
    };
    /// From top to bottom; those that are tabs of one place together.
    [[nodiscard]] std::vector<std::vector<QDockWidget*>> placesOf(DockArea area) const;
    /// Tabs behind the first of each place.
    void stackTabs(const std::vector<std::vector<QDockWidget*>>& places);
    bool m_isPlaced = false;
    std::vector<Entry> m_docks;
};

} // namespace sinkscope
