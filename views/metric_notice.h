// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "views/session_model.h"
#include "views/theme.h"

#include <QLabel>

#include <vector>

namespace sinkscope {

/// A line that says why chosen metrics have no numbers yet, with a link that evaluates them; hidden when there is nothing to say. Thread: gui.
class MetricNotice : public QLabel {
    Q_OBJECT
public:
    MetricNotice(SessionModel& session, const Theme& theme, QWidget* parent = nullptr);
    void setMetrics(std::vector<const MetricSpec*> metrics);
    void refresh();

private:
    SessionModel& m_session;
    const Theme& m_theme;
    std::vector<const MetricSpec*> m_metrics;
};

} // namespace sinkscope
