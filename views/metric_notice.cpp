// SPDX-License-Identifier: Apache-2.0
#include "views/metric_notice.h"

#include "views/models/text_format.h"

#include <algorithm>

namespace sinkscope {
namespace {

QString linkTo(const QString& target, const QString& text, const Theme& theme) {
    return QStringLiteral("<a href=\"%1\" style=\"color:%2\">%3</a>").arg(target, theme.accent.name(), text);
}

/// What the analysis says about a family that it was asked for and left out; empty when nobody asked.
QString reasonFor(const AnalysisResult& analysis, const FeatureFamily& family) {
    const std::string prefix = std::string(family.title) + ": ";
    const auto found = std::ranges::find_if(analysis.notes, [&](const std::string& note) { return note.starts_with(prefix); });
    return found == analysis.notes.end() ? QString() : utf8Text(std::string_view(*found).substr(prefix.size()));
}

} // namespace

MetricNotice::MetricNotice(SessionModel& session, const Theme& theme, QWidget* parent) : QLabel(parent), m_session(session), m_theme(theme) {
    setObjectName(QStringLiteral("metricNotice"));
    setProperty("muted", true);
    setTextFormat(Qt::RichText);
    setWordWrap(true);
    setContentsMargins(12, 4, 12, 4);
    connect(this, &QLabel::linkActivated, &session, &SessionModel::requestFamily);
    connect(&session, &SessionModel::analysisChanged, this, &MetricNotice::refresh);
    connect(&session, &SessionModel::runStateChanged, this, &MetricNotice::refresh);
    refresh();
}

void MetricNotice::setMetrics(std::vector<const MetricSpec*> metrics) {
    m_metrics = std::move(metrics);
    refresh();
}

void MetricNotice::refresh() {
    const AnalysisResult* analysis = m_session.analysis().get();
    std::vector<const FeatureFamily*> missing;
    for (const MetricSpec* metric : m_metrics) {
        const FeatureFamily* family = familyOf(*metric);
        const bool known = analysis && analysis->values && analysis->values->find(*metric);
        if (family && !known && std::ranges::find(missing, family) == missing.end())
            missing.push_back(family);
    }
    QStringList lines;
    for (const FeatureFamily* family : missing) {
        const QString title = utf8Text(family->title).toHtmlEscaped();
        const QString reason = analysis ? reasonFor(*analysis, *family) : QString();
        if (!analysis)
            lines.append(tr("%1: known once the run has been analysed.").arg(title));
        else if (!reason.isEmpty())
            lines.append(tr("%1: %2.").arg(title, reason.toHtmlEscaped()));
        else
            lines.append(tr("%1 has not been evaluated. %2").arg(title, linkTo(utf8Text(family->id), tr("Evaluate"), m_theme)));
    }
    setText(lines.join(QStringLiteral("<br>")));
    setVisible(!lines.isEmpty() && m_session.capture());
}

} // namespace sinkscope
