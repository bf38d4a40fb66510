// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "views/job_bridge.h"
#include "views/selection.h"
#include "views/session_model.h"
#include "views/theme.h"

#include <QWidget>

#include <span>

namespace sinkscope {

/// Tells panels that ViewContext::theme has new content.
class ThemeNotifier : public QObject {
    Q_OBJECT
public:
    using QObject::QObject;
Q_SIGNALS:
    void themeChanged();
};

/// What a panel gets to work with. All of it outlives the panel. Thread: gui.
struct ViewContext {
    SessionModel& session;
    Selection& selection;
    JobBridge& jobs;
    const Theme& theme;      ///< replaced in place when the theme changes; listen to themeChanged of `themeNotifier`
    ThemeNotifier& themeNotifier;
};

/// Where a panel lies in the standard layout (see resources/docs/help): the columns of the main window.
enum class DockArea { Left, Heads, Map, Right, Bottom };

/// A panel of the main window. Registered in views/CMakeLists.txt (list `views`): it then has a dock, a menu entry under Window, a place in
/// the saved layout and a smoke test.
struct ViewSpec {
    const char* id;                          ///< stable; used in saved layouts
    const char* title;                       ///< QT_TRANSLATE_NOOP("Views", ...)
    DockArea area;
    int order;                               ///< within its area, from top; panels with the same one are tabs, and all of Map and Bottom are
    /// The panel draws its own header (title and controls). It may have a `QAction* exportAction` (see views/figures/figure_spec.h).
    QWidget* (*create)(const ViewContext& context, QWidget* parent);
};
std::span<const ViewSpec* const> views();

} // namespace sinkscope
