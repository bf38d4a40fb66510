// SPDX-License-Identifier: Apache-2.0
#include "app/dock_layout.h"

#include "views/panel_frame.h"

#include <QCoreApplication>
#include <QDockWidget>
#include <QMenu>

#include <algorithm>

namespace sinkscope {
namespace {

struct Column {
    DockArea area;
    int width; ///< of a window 1680 pixels wide
};
constexpr Column kColumns[] = {{DockArea::Left, 268}, {DockArea::Heads, 392}, {DockArea::Map, 500}, {DockArea::Right, 508}};

} // namespace

DockLayout::DockLayout(const ViewContext& context, QWidget* parent) : QMainWindow(parent) {
    setWindowFlags(Qt::Widget); // a part of the window, not a window
    setDockNestingEnabled(true);
    setDockOptions(QMainWindow::AllowNestedDocks | QMainWindow::AllowTabbedDocks | QMainWindow::AnimatedDocks);
    setTabPosition(Qt::AllDockWidgetAreas, QTabWidget::North);
    for (const ViewSpec* spec : views())
        addDock(*spec, context);
    arrange();
}

void DockLayout::addDock(const ViewSpec& spec, const ViewContext& context) {
    auto* dock = new QDockWidget(QCoreApplication::translate("Views", spec.title), this);
    dock->setObjectName(QLatin1String(spec.id));
    dock->setTitleBarWidget(new QWidget(dock)); // the panel has a header of its own
    QWidget* panel = spec.create(context, dock);
    dock->setWidget(panel);
    if (auto* frame = qobject_cast<PanelFrame*>(panel))
        connect(frame, &PanelFrame::exportRequested, this, &DockLayout::exportRequested);
    m_docks.push_back({&spec, dock});
}

std::vector<QDockWidget*> DockLayout::docksOf(DockArea area) const {
    std::vector<Entry> entries;
    std::ranges::copy_if(m_docks, std::back_inserter(entries), [area](const Entry& entry) { return entry.spec->area == area; });
    std::ranges::stable_sort(entries, {}, [](const Entry& entry) { return entry.spec->order; });
    std::vector<QDockWidget*> docks;
    for (const Entry& entry : entries)
        docks.push_back(entry.dock);
    return docks;
}

/// Left, middle and right columns; the middle one holds heads and map side by side above the charts.
void DockLayout::arrange() {
    std::vector<QDockWidget*> first; // one of each column that exists
    QList<int> widths;
    for (const Column& column : kColumns) {
        const auto docks = docksOf(column.area);
        if (docks.empty())
            continue;
        if (first.empty())
            addDockWidget(Qt::LeftDockWidgetArea, docks.front());
        else
            splitDockWidget(first.back(), docks.front(), Qt::Horizontal);
        first.push_back(docks.front());
        widths.append(column.width);
    }
    const auto heads = docksOf(DockArea::Heads), map = docksOf(DockArea::Map), bottom = docksOf(DockArea::Bottom);
    if (!heads.empty() && !map.empty() && !bottom.empty()) {
        removeDockWidget(map.front());
        splitDockWidget(heads.front(), bottom.front(), Qt::Vertical);
        splitDockWidget(heads.front(), map.front(), Qt::Horizontal);
        map.front()->show();
        for (std::size_t i = 1; i < bottom.size(); ++i)
            tabifyDockWidget(bottom[i - 1], bottom[i]);
        bottom.front()->raise();
        for (std::size_t i = 1; i < map.size(); ++i)
            tabifyDockWidget(map[i - 1], map[i]);
        map.front()->raise();
        resizeDocks({heads.front(), bottom.front()}, {640, 250}, Qt::Vertical);
    }
    for (const DockArea area : {DockArea::Left, DockArea::Right}) {
        const auto docks = docksOf(area);
        for (std::size_t i = 1; i < docks.size(); ++i)
            splitDockWidget(docks[i - 1], docks[i], Qt::Vertical);
    }
    resizeDocks(QList<QDockWidget*>(first.begin(), first.end()), widths, Qt::Horizontal);
    for (const Entry& entry : m_docks)
        entry.dock->show();
}

void DockLayout::reset() {
    for (const Entry& entry : m_docks) {
        entry.dock->setFloating(false);
        removeDockWidget(entry.dock);
    }
    arrange();
}

void DockLayout::fillMenu(QMenu& menu) const {
    for (const Entry& entry : m_docks)
        menu.addAction(entry.dock->toggleViewAction());
}

QWidget* DockLayout::panel(const QString& id) const {
    const auto found = std::ranges::find_if(m_docks, [&](const Entry& entry) { return id == QLatin1String(entry.spec->id); });
    return found == m_docks.end() ? nullptr : found->dock->widget();
}

} // namespace sinkscope
