// SPDX-License-Identifier: Apache-2.0
#include "views/seen_follower.h"

#include <QDockWidget>
#include <QEvent>

#include <utility>

namespace sinkscope {

SeenFollower::SeenFollower(QWidget* panel) : QObject(panel), m_panel(panel) {
    panel->installEventFilter(this);
    for (QWidget* above = panel->parentWidget(); above; above = above->parentWidget())
        if (const auto* dock = qobject_cast<QDockWidget*>(above))
            connect(dock, &QDockWidget::visibilityChanged, this, [this](bool isSeen) {
                if (isSeen)
                    catchUp();
            });
}

/// Tabs that are not in front are visible to Qt, but lie outside of their parent.
void SeenFollower::outdate() {
    m_isOutdated = !m_panel->isVisible() || m_panel->visibleRegion().isEmpty();
    if (!m_isOutdated)
        Q_EMIT changed();
}

void SeenFollower::catchUp() {
    if (std::exchange(m_isOutdated, false))
        Q_EMIT changed();
}

bool SeenFollower::eventFilter(QObject* object, QEvent* event) {
    if (m_isOutdated && (event->type() == QEvent::Show || event->type() == QEvent::Paint))
        QMetaObject::invokeMethod(this, &SeenFollower::catchUp, Qt::QueuedConnection); // not while it is being shown
    return QObject::eventFilter(object, event);
}

} // namespace sinkscope
