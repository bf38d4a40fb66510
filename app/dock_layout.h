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
    [[nodiscard]] QWidget* panel(const QString& id) const;

Q_SIGNALS:
    void exportRequested(const QJsonObject& recipe);

private:
    void addDock(const ViewSpec& spec, const ViewContext& context);
    void arrange();
    struct Entry {
        const ViewSpec* spec;
        QDockWidget* dock;
    };
    [[nodiscard]] std::vector<QDockWidget*> docksOf(DockArea area) const;
    std::vector<Entry> m_docks;
};

} // namespace sinkscope
