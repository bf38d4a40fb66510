// SPDX-License-Identifier: Apache-2.0
#include "views/head_follower.h"

#include <QDockWidget>
#include <QEvent>

#include <utility>

namespace sinkscope {

HeadFollower::HeadFollower(const ViewContext& context, QWidget* panel) : QObject(panel), m_context(context), m_panel(panel) {
    panel->installEventFilter(this);
    for (QWidget* above = panel->parentWidget(); above; above = above->parentWidget())
        if (const auto* dock = qobject_cast<QDockWidget*>(above))
            connect(dock, &QDockWidget::visibilityChanged, this, [this](bool isSeen) {
                if (isSeen)
                    catchUp();
            });
    connect(&context.selection, &Selection::headChanged, this, &HeadFollower::outdate);
    connect(&context.selection, &Selection::sampleChanged, this, &HeadFollower::outdate);
    connect(&context.session, &SessionModel::captureChanged, this, &HeadFollower::outdate);
    connect(&context.session, &SessionModel::statisticsArrived, this, [this](int sample, int layer) {
        if (sample == this->sample() && layer == this->layer())
            outdate();
    });
}

/// Tabs that are not in front are visible to Qt, but lie outside of their parent.
bool HeadFollower::isSeen() const { return m_panel->isVisible() && !m_panel->visibleRegion().isEmpty(); }

void HeadFollower::outdate() {
    m_isOutdated = !isSeen();
    if (!m_isOutdated)
        Q_EMIT changed();
}

void HeadFollower::catchUp() {
    if (std::exchange(m_isOutdated, false))
        Q_EMIT changed();
}

bool HeadFollower::eventFilter(QObject* object, QEvent* event) {
    if (m_isOutdated && (event->type() == QEvent::Show || event->type() == QEvent::Paint))
        QMetaObject::invokeMethod(this, &HeadFollower::catchUp, Qt::QueuedConnection); // not while it is being shown
    return QObject::eventFilter(object, event);
}

SessionModel::StatisticsPtr HeadFollower::statistics() const {
    auto statistics = m_context.session.statistics(sample(), layer());
    return statistics && head() < statistics->heads ? statistics : nullptr;
}

const SampleTokens* HeadFollower::tokens() const {
    const CaptureHeader* header = m_context.session.header();
    return header && sample() >= 0 && sample() < static_cast<int>(header->samples.size()) ? header->samples[static_cast<std::size_t>(sample())].get()
                                                                                          : nullptr;
}

} // namespace sinkscope
