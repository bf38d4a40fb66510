// SPDX-License-Identifier: Apache-2.0
#include "app/dock_layout.h"

#include "views/panel_frame.h"

#include <QChildEvent>
#include <QCoreApplication>
#include <QDockWidget>
#include <QMenu>
#include <QTabBar>
#include <QTimer>

#include <algorithm>
#include <utility>

namespace sinkscope {
namespace {

struct Column {
    DockArea area;
    int width; ///< of a window 1680 pixels wide
};
constexpr Column kColumns[] = {{DockArea::Left, 290}, {DockArea::Heads, 386}, {DockArea::Map, 494}, {DockArea::Right, 498}};

constexpr int kLowWindow = 760; ///< of the docks; below, the right column has one place with tabs

} // namespace

DockLayout::DockLayout(const ViewContext& context, QWidget* parent) : QMainWindow(parent) {
    setWindowFlags(Qt::Widget); // a part of the window, not a window
    setDockNestingEnabled(true);
    setDockOptions(QMainWindow::AllowNestedDocks | QMainWindow::AllowTabbedDocks | QMainWindow::AnimatedDocks);
    setTabPosition(Qt::AllDockWidgetAreas, QTabWidget::North);
    for (const ViewSpec* spec : views())
        addDock(*spec, context);
    connect(&context.selection, &Selection::viewRequested, this, &DockLayout::bringToFront);
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

std::vector<std::vector<QDockWidget*>> DockLayout::placesOf(DockArea area) const {
    std::vector<Entry> entries;
    std::ranges::copy_if(m_docks, std::back_inserter(entries), [area](const Entry& entry) { return entry.spec->area == area; });
    std::ranges::stable_sort(entries, {}, [](const Entry& entry) { return entry.spec->order; });
    const bool isOnePlace = area == DockArea::Bottom || area == DockArea::Map || (area == DockArea::Right && height() < kLowWindow);
    std::vector<std::vector<QDockWidget*>> places;
    for (std::size_t i = 0; i < entries.size(); ++i) {
        if (places.empty() || (!isOnePlace && entries[i].spec->order != entries[i - 1].spec->order))
            places.emplace_back();
        places.back().push_back(entries[i].dock);
    }
    return places;
}

void DockLayout::stackTabs(const std::vector<std::vector<QDockWidget*>>& places) {
    for (const auto& place : places) {
        for (std::size_t i = 1; i < place.size(); ++i)
            tabifyDockWidget(place[i - 1], place[i]);
        place.front()->raise();
    }
}

/// Left, middle and right columns; the middle one holds heads and map side by side above the charts.
void DockLayout::arrange() {
    QDockWidget* before = nullptr;
    for (const Column& column : kColumns) {
        const auto places = placesOf(column.area);
        if (places.empty())
            continue;
        QDockWidget* top = places.front().front();
        if (before)
            splitDockWidget(before, top, Qt::Horizontal);
        else
            addDockWidget(Qt::LeftDockWidgetArea, top);
        before = top;
    }
    const auto heads = placesOf(DockArea::Heads), map = placesOf(DockArea::Map), bottom = placesOf(DockArea::Bottom);
    if (!heads.empty() && !map.empty() && !bottom.empty()) {
        removeDockWidget(map.front().front());
        splitDockWidget(heads.front().front(), bottom.front().front(), Qt::Vertical);
        splitDockWidget(heads.front().front(), map.front().front(), Qt::Horizontal);
        map.front().front()->show();
        stackTabs(bottom);
        stackTabs(map);
    }
    for (const DockArea area : {DockArea::Left, DockArea::Right}) {
        const auto places = placesOf(area);
        for (std::size_t i = 1; i < places.size(); ++i)
            splitDockWidget(places[i - 1].front(), places[i].front(), Qt::Vertical);
        stackTabs(places);
    }
    for (const Entry& entry : m_docks)
        entry.dock->show();
    sizePlaces();
}

void DockLayout::sizePlaces() {
    QList<QDockWidget*> columns;
    QList<int> widths;
    for (const Column& column : kColumns)
        if (const auto places = placesOf(column.area); !places.empty()) {
            columns.append(places.front().front());
            widths.append(column.width);
        }
    resizeDocks(columns, widths, Qt::Horizontal);
    const auto heads = placesOf(DockArea::Heads), bottom = placesOf(DockArea::Bottom);
    if (!heads.empty() && !bottom.empty())
        resizeDocks({heads.front().front(), bottom.front().front()}, {640, 250}, Qt::Vertical);
    for (const auto& [area, heights] : {std::pair(DockArea::Left, QList<int>{360, 480}), std::pair(DockArea::Right, QList<int>{500, 440})})
        if (const auto places = placesOf(area); places.size() > 1)
            resizeDocks({places[0].front(), places[1].front()}, heights, Qt::Vertical);
}

void DockLayout::restore(const QByteArray& state, int version) { m_isPlaced = restoreState(state, version); }

void DockLayout::showEvent(QShowEvent* event) {
    QMainWindow::showEvent(event);
    if (std::exchange(m_isPlaced, true))
        return;
    reset();
    QTimer::singleShot(0, this, &DockLayout::sizePlaces);
}

void DockLayout::childEvent(QChildEvent* event) {
    QMainWindow::childEvent(event);
    if (!event->added())
        return;
    QTimer::singleShot(0, event->child(), [child = event->child()] { // it has not become what it will be yet
        if (auto* tabs = qobject_cast<QTabBar*>(child)) {
            tabs->setElideMode(Qt::ElideNone);
            tabs->setUsesScrollButtons(true);
        }
    });
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

void DockLayout::bringToFront(const QString& id) {
    for (const Entry& entry : m_docks)
        if (id == QLatin1String(entry.spec->id)) {
            entry.dock->show();
            entry.dock->raise();
        }
}

QWidget* DockLayout::panel(const QString& id) const {
    const auto found = std::ranges::find_if(m_docks, [&](const Entry& entry) { return id == QLatin1String(entry.spec->id); });
    return found == m_docks.end() ? nullptr : found->dock->widget();
}

} // namespace sinkscope
