// SPDX-License-Identifier: Apache-2.0
#include "views/explain_popup.h"

#include "views/models/text_format.h"

#include <QCoreApplication>
#include <QFrame>
#include <QGuiApplication>
#include <QLabel>
#include <QScreen>
#include <QVBoxLayout>

#include <algorithm>

namespace sinkscope {
namespace {

constexpr int kPopupWidth = 360;

QString translated(const char* text) { return QCoreApplication::translate("Explain", text); }

QString named(const char* title, const QString& text) {
    return QStringLiteral("<p style='margin:6px 0 0 0'><b>%1</b> %2</p>").arg(translated(title), text);
}

QList<std::pair<QString, QString>> sinkParameters(const MetricParameters& chosen) {
    return {{translated(QT_TRANSLATE_NOOP("Explain", "sink threshold ε")), numberText(chosen.sinkThreshold)},
            {translated(QT_TRANSLATE_NOOP("Explain", "hit quantile")), numberText(chosen.hitQuantile)},
            {translated(QT_TRANSLATE_NOOP("Explain", "hit frequency γ")), numberText(chosen.hitFrequency)},
            {translated(QT_TRANSLATE_NOOP("Explain", "visible share ρ")), numberText(chosen.visibleShare)},
            {translated(QT_TRANSLATE_NOOP("Explain", "fewest queries")), QString::number(chosen.minimumQueries)},
            {translated(QT_TRANSLATE_NOOP("Explain", "smallest excess")), numberText(chosen.minimumExcess)}};
}

} // namespace

Explanation explanationOf(const MetricSpec& metric, const AnalysisResult* analysis, const QString& value) {
    Explanation explanation{.title = utf8Text(metric.title), .value = value, .reading = utf8Text(metric.explanation),
                            .source = utf8Text(metric.source), .parameters = {}};
    const FeatureFamily* family = familyOf(metric);
    if (!family) {
        explanation.parameters = sinkParameters(analysis ? analysis->parameters : MetricParameters{});
        return explanation;
    }
    explanation.title += QStringLiteral(" · ") + utf8Text(family->title);
    for (const ParameterSpec& parameter : family->parameters) {
        const double chosen = valueOf(analysis ? analysis->features : ParameterValues{}, family->id, parameter);
        explanation.parameters.append({utf8Text(parameter.title), utf8Text(textOf(parameter, chosen))});
    }
    return explanation;
}

QString explanationHtml(const Explanation& explanation) {
    QString html = QStringLiteral("<p style='margin:0'><b>%1</b></p>").arg(explanation.title.toHtmlEscaped());
    if (!explanation.value.isEmpty())
        html += QStringLiteral("<p style='margin:2px 0 0 0'>%1</p>").arg(explanation.value.toHtmlEscaped());
    html += QStringLiteral("<p style='margin:6px 0 0 0'>%1</p>").arg(explanation.reading.toHtmlEscaped());
    if (!explanation.source.isEmpty())
        html += named(QT_TRANSLATE_NOOP("Explain", "Source:"), explanation.source.toHtmlEscaped());
    if (!explanation.parameters.isEmpty()) {
        QStringList all;
        for (const auto& [name, value] : explanation.parameters)
            all.append(name.toHtmlEscaped() + QStringLiteral(" = ") + value.toHtmlEscaped());
        html += named(QT_TRANSLATE_NOOP("Explain", "Parameters:"), all.join(QStringLiteral(", ")));
    }
    return html;
}

void showExplanation(const Explanation& explanation, QWidget* anchor, const QPoint& globalPosition) {
    auto* popup = new QFrame(anchor, Qt::Popup);
    popup->setObjectName(QStringLiteral("explanation"));
    popup->setProperty("popup", true);
    popup->setAttribute(Qt::WA_DeleteOnClose);
    auto* label = new QLabel(explanationHtml(explanation));
    label->setTextFormat(Qt::RichText);
    label->setWordWrap(true);
    label->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    label->setFixedWidth(kPopupWidth);
    auto* layout = new QVBoxLayout(popup);
    layout->setContentsMargins(12, 10, 12, 12);
    layout->addWidget(label);
    popup->adjustSize();
    QPoint place = globalPosition;
    if (const QScreen* screen = QGuiApplication::screenAt(globalPosition)) {
        const QRect room = screen->availableGeometry();
        place.setX(std::clamp(place.x(), room.left(), std::max(room.left(), room.right() - popup->width())));
        place.setY(std::clamp(place.y(), room.top(), std::max(room.top(), room.bottom() - popup->height())));
    }
    popup->move(place);
    popup->show();
    label->setFocus();
}

ExplainButton::ExplainButton(QWidget* parent) : QToolButton(parent) {
    setText(QStringLiteral("ⓘ"));
    setProperty("explain", true);
    setAutoRaise(true);
    setFocusPolicy(Qt::TabFocus);
    setFixedSize(20, 20);
    setCursor(Qt::WhatsThisCursor);
    connect(this, &QToolButton::clicked, this, [this] { showExplanation(m_explanation, this, mapToGlobal(QPoint(0, height() + 2))); });
}

void ExplainButton::setExplanation(Explanation explanation) {
    m_explanation = std::move(explanation);
    setToolTip(explanationHtml(m_explanation));
    setAccessibleName(tr("Explain %1").arg(m_explanation.title));
}

} // namespace sinkscope
