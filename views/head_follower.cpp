// SPDX-License-Identifier: Apache-2.0
#include "views/head_follower.h"

#include <QEvent>

#include <utility>

namespace sinkscope {

HeadFollower::HeadFollower(const ViewContext& context, QWidget* panel) : QObject(panel), m_context(context), m_panel(panel) {
    panel->installEventFilter(this);
    connect(&context.selection, &Selection::headChanged, this, &HeadFollower::outdate);
    connect(&context.selection, &Selection::sampleChanged, this, &HeadFollower::outdate);
    connect(&context.session, &SessionModel::captureChanged, this, &HeadFollower::outdate);
    connect(&context.session, &SessionModel::statisticsArrived, this, [this](int sample, int layer) {
        if (sample == this->sample() && layer == this->layer())
            outdate();
    });
}

void HeadFollower::outdate() {
    m_isOutdated = !m_panel->isVisible();
    if (!m_isOutdated)
        Q_EMIT changed();
}

bool HeadFollower::eventFilter(QObject* object, QEvent* event) {
    if (event->type() == QEvent::Show && std::exchange(m_isOutdated, false))
        Q_EMIT changed();
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
