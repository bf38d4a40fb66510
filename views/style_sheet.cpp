// SPDX-License-Identifier: Apache-2.0
#include "views/theme.h"

#include <utility>

namespace sinkscope {
namespace {

// @name stands for a colour of the theme. Widgets opt into roles with dynamic properties: `primary` (the one button that matters),
// `chip`, `flat`, `panelHeader`, `muted`.
constexpr auto kSheet = R"(
QMainWindow, QDialog { background: @window; }
QToolTip { background: @panel; color: @text; border: 1px solid @border; padding: 5px 7px; }
QMenuBar { background: @panel; border-bottom: 1px solid @border; padding: 1px 4px; }
QMenuBar::item { padding: 5px 9px; border-radius: 4px; background: transparent; }
QMenuBar::item:selected { background: @selection; }
QMenu { background: @panel; border: 1px solid @border; padding: 4px; }
QMenu::item { padding: 5px 28px 5px 26px; border-radius: 4px; }
QMenu::item:selected { background: @selection; color: @text; }
QMenu::item:disabled { color: @disabled; }
QMenu::separator { height: 1px; background: @border; margin: 4px 6px; }
QMenu::indicator { width: 14px; height: 14px; left: 6px; }
QMenu::indicator:checked { image: url(:/sinkscope/icons/check_@suffix.svg); }
QMenu::icon { left: 6px; }
QStatusBar { background: @panel; border-top: 1px solid @border; color: @muted; }
QStatusBar::item { border: none; }
QSplitter::handle, QMainWindow::separator { background: @border; width: 1px; height: 1px; }
QMainWindow::separator:hover { background: @accent; }
QToolBar { background: @panel; border: none; border-bottom: 1px solid @border; spacing: 6px; padding: 6px 8px; }
QToolBar::separator { background: @border; width: 1px; margin: 4px; }
QDockWidget { titlebar-close-icon: none; titlebar-normal-icon: none; }
QDockWidget::title { background: @header; padding: 5px 8px; border-bottom: 1px solid @border; }
QPushButton { background: @panel; color: @text; border: 1px solid @border; border-radius: 5px; padding: 5px 12px; min-height: 16px; }
QPushButton:hover { background: @hover; }
QPushButton:pressed { background: @selection; }
QPushButton:disabled { color: @disabled; background: @header; }
QPushButton:focus { border-color: @accent; }
QPushButton[primary="true"] { background: @accent; color: @onAccent; border-color: @accent; font-weight: 600; }
QPushButton[primary="true"]:hover { background: @accentHover; border-color: @accentHover; }
QPushButton[primary="true"]:focus { border: 2px solid @text; padding: 4px 11px; }
QPushButton[primary="true"]:disabled { background: @header; color: @disabled; border-color: @border; }
QPushButton::menu-indicator { image: url(:/sinkscope/icons/chevron.svg); width: 9px; height: 9px; subcontrol-position: right center;
    subcontrol-origin: padding; right: 7px; }
QToolButton { background: transparent; color: @text; border: 1px solid transparent; border-radius: 4px; padding: 3px 6px; }
QToolButton:hover { background: @hover; }
QToolButton:pressed, QToolButton:checked, QToolButton:open { background: @selection; }
QToolButton:focus { border-color: @accent; }
QToolButton:disabled { color: @disabled; }
QToolButton[popupMode="2"] { padding-right: 17px; }
QToolButton::menu-indicator { image: url(:/sinkscope/icons/chevron.svg); width: 8px; height: 8px; subcontrol-position: right center;
    subcontrol-origin: padding; right: 5px; }
QLineEdit, QPlainTextEdit, QTextEdit, QAbstractSpinBox { background: @panel; color: @text; border: 1px solid @border; border-radius: 5px;
    padding: 3px 7px; selection-background-color: @selection; selection-color: @text; }
QLineEdit:focus, QPlainTextEdit:focus, QTextEdit:focus, QAbstractSpinBox:focus { border-color: @accent; }
QAbstractSpinBox { padding-right: 20px; }
QAbstractSpinBox::up-button { subcontrol-origin: border; subcontrol-position: top right; width: 20px; border: none; background: transparent; }
QAbstractSpinBox::down-button { subcontrol-origin: border; subcontrol-position: bottom right; width: 20px; border: none; background: transparent; }
QAbstractSpinBox::up-arrow { image: url(:/sinkscope/icons/chevron_up.svg); width: 9px; height: 9px; }
QAbstractSpinBox::down-arrow { image: url(:/sinkscope/icons/chevron.svg); width: 9px; height: 9px; }
QComboBox { background: @panel; color: @text; border: 1px solid @border; border-radius: 5px; padding: 3px 22px 3px 8px; min-height: 18px; }
QComboBox:hover { background: @hover; }
QComboBox:focus { border-color: @accent; }
QComboBox:disabled { color: @disabled; }
QComboBox::drop-down { border: none; width: 20px; }
QComboBox::down-arrow { image: url(:/sinkscope/icons/chevron.svg); width: 9px; height: 9px; }
QComboBox QAbstractItemView { background: @panel; border: 1px solid @border; selection-background-color: @selection; selection-color: @text;
    outline: none; padding: 3px; }
QCheckBox { spacing: 6px; }
QCheckBox::indicator { width: 14px; height: 14px; border: 1px solid @strongBorder; border-radius: 3px; background: @panel; }
QCheckBox::indicator:checked { background: @accent; border-color: @accent; image: url(:/sinkscope/icons/check_on_accent_@suffix.svg); }
QCheckBox::indicator:focus { border: 2px solid @accent; }
QAbstractItemView { background: @panel; color: @text; border: none; outline: none; selection-background-color: @selection;
    selection-color: @text; gridline-color: @border; }
QTableView::item, QTreeView::item, QListView::item { padding: 2px 6px; border: none; }
QTableView::item:selected, QTreeView::item:selected, QListView::item:selected { background: @selection; color: @text; }
QTableView::item:hover:!selected, QTreeView::item:hover:!selected, QListView::item:hover:!selected { background: @hover; }
QHeaderView { background: @panel; border: none; }
QHeaderView::section { background: @panel; color: @muted; border: none; border-bottom: 1px solid @border; padding: 3px 6px; }
QHeaderView::section:hover { color: @text; }
QHeaderView::up-arrow { image: url(:/sinkscope/icons/chevron_up.svg); width: 8px; height: 8px; }
QHeaderView::down-arrow { image: url(:/sinkscope/icons/chevron.svg); width: 8px; height: 8px; }
QScrollArea { background: @panel; border: none; }
QScrollBar:vertical { background: transparent; width: 10px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 10px; margin: 0; }
QScrollBar::handle { background: @scroll; border-radius: 3px; margin: 2px; }
QScrollBar::handle:hover { background: @muted; }
QScrollBar::handle:vertical { min-height: 26px; }
QScrollBar::handle:horizontal { min-width: 26px; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QAbstractScrollArea::corner { background: transparent; }
QProgressBar { background: @chip; border: none; border-radius: 3px; min-height: 7px; max-height: 7px; text-align: center; color: transparent; }
QProgressBar::chunk { background: @accent; border-radius: 3px; }
QSlider { min-height: 18px; }
QSlider::groove:horizontal { height: 4px; background: @chip; border-radius: 2px; }
QSlider::sub-page:horizontal { background: @accent; border-radius: 2px; }
QSlider::handle:horizontal { background: @accent; width: 14px; height: 14px; margin: -5px 0; border-radius: 7px; }
QSlider::handle:horizontal:focus { border: 2px solid @text; }
QTabBar::tab { background: transparent; color: @muted; padding: 5px 10px; border: none; border-bottom: 2px solid transparent; }
QTabBar::tab:selected { color: @text; border-bottom-color: @accent; }
QTabBar::scroller { width: 34px; }
QTabBar QToolButton { background: @panel; border: none; padding: 0; }
QTabWidget::pane { border: none; border-top: 1px solid @border; }
QToolButton[explain="true"] { color: @muted; padding: 0 2px; border-radius: 7px; }
QToolButton[explain="true"]:hover { color: @accent; background: transparent; }
QFrame[popup="true"] { background: @panel; border: 1px solid @border; border-radius: 6px; }
QLabel[muted="true"] { color: @muted; }
QLabel[warning="true"] { color: @warning; }
QLabel[chip="true"] { background: @chip; border-radius: 4px; padding: 2px 6px; }
QFrame[panel="true"] { background: @panel; }
QFrame[panelHeader="true"] { background: @header; border: none; border-bottom: 1px solid @border; }
QFrame[panelHeader="true"] QLabel { color: @headerText; }
QFrame[panelHeader="true"] QToolButton { color: @headerText; }
)";

} // namespace

QString Theme::styleSheet() const {
    const QColor headerText = isDark ? QColor(0xb4, 0xbe, 0xcd) : QColor(0x46, 0x50, 0x61);
    const std::pair<const char*, QString> names[] = {
        // Longer names first: "@onAccent" must not be taken for another.
        {"@accentHover", accent.darker(isDark ? 90 : 115).name()}, {"@strongBorder", (isDark ? border.lighter(170) : border.darker(130)).name()},
        {"@headerText", headerText.name()}, {"@onAccent", onAccent.name()}, {"@selection", selection.name()},
        {"@disabled", palette().color(QPalette::Disabled, QPalette::Text).name()}, {"@suffix", QLatin1String(isDark ? "dark" : "light")},
        {"@window", window.name()}, {"@header", panelHeader.name()}, {"@border", border.name()}, {"@accent", accent.name()},
        {"@scroll", (isDark ? border.lighter(150) : border.darker(115)).name()}, {"@muted", mutedText.name()}, {"@hover", hover.name()},
        {"@panel", panel.name()}, {"@chip", chip.name()}, {"@warning", warning.name()}, {"@text", text.name()},
    };
    QString sheet = QString::fromLatin1(kSheet);
    for (const auto& [name, value] : names)
        sheet.replace(QLatin1String(name), value);
    return sheet;
}

} // namespace sinkscope
