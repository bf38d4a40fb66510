// SPDX-License-Identifier: Apache-2.0
#include "views/eliding_widgets.h"
#include "views/frame_groups.h"
#include "views/frame_widgets.h"
#include "views/models/frame_reading.h"
#include "views/models/text_format.h"
#include "views/page_scroll.h"
#include "views/panel_frame.h"
#include "views/parameter_form.h"
#include "views/view_spec.h"

#include <QActionGroup>
#include <QGridLayout>
#include <QLabel>
#include <QPushButton>
#include <QSignalBlocker>
#include <QTimer>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>

namespace sinkscope {
namespace {

constexpr int kDebounceMs = 350; ///< between the last change of a threshold and the new verdict

QLabel* label(const QString& text, bool muted, bool wrap = false) {
    auto* made = new QLabel(text);
    made->setTextFormat(Qt::PlainText);
    made->setProperty("muted", muted);
    made->setWordWrap(wrap);
    made->setTextInteractionFlags(Qt::TextSelectableByMouse);
    made->setFocusPolicy(Qt::NoFocus);
    return made;
}

/// What kind of reference frame the sinks make, of the head, the layer or the model, and what that rests on.
class FrameCard : public PanelFrame {
    Q_OBJECT
public:
    FrameCard(const ViewContext& context, QWidget* parent)
        : PanelFrame(tr("Reference frame"), parent), m_context(context), m_kind(new QLabel), m_subject(label({}, true)), m_explain(new ExplainButton),
          m_scores(new ScoreBars(context.theme)), m_reason(label({}, false, true)), m_evidence(new QWidget), m_facts(label({}, true, true)), m_groups(new FrameGroups(context)) {
        auto* page = new QWidget;
        page->setObjectName(QStringLiteral("frameCard"));
        page->setStyleSheet(QStringLiteral("QWidget#frameCard { background: transparent; }"));
        auto* layout = new QVBoxLayout(page);
        layout->setContentsMargins(12, 10, 12, 12);
        layout->setSpacing(8);
        auto* head = new QHBoxLayout;
        m_kind->setObjectName(QStringLiteral("frameKind"));
        head->addWidget(m_kind);
        head->addWidget(m_explain, 0, Qt::AlignVCenter);
        head->addStretch(1);
        head->addWidget(m_subject, 0, Qt::AlignBottom);
        layout->addLayout(head);
        layout->addWidget(m_scores);
        m_reason->setObjectName(QStringLiteral("frameReason"));
        layout->addWidget(m_reason);
        m_facts->setObjectName(QStringLiteral("frameContext"));
        m_facts->setTextFormat(Qt::RichText);
        layout->addWidget(m_facts);
        layout->addWidget(makeThresholds());
        layout->addWidget(m_evidence);
        layout->addWidget(m_groups);
        layout->addStretch(1);
        auto* scroll = new PageScroll;
        scroll->setWidgetResizable(true);
        scroll->setFrameShape(QFrame::NoFrame);
        scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
        scroll->setWidget(page);
        setContent(scroll);
        addLevelChoice();
        connectAll();
        rebuild();
    }

private:
    void addLevelChoice() {
        auto* group = new QActionGroup(this);
        const std::pair<FrameLevel, QString> levels[] = {{FrameLevel::Model, tr("Model")}, {FrameLevel::Layer, tr("Layer")}, {FrameLevel::Head, tr("Head")}};
        for (const auto& [level, title] : levels) {
            QAction* action = group->addAction(title);
            action->setObjectName(QStringLiteral("frame_") + utf8Text(nameOf(level)));
            action->setCheckable(true);
            action->setChecked(level == m_level);
            connect(action, &QAction::triggered, this, [this, chosen = level] {
                m_level = chosen;
                rebuild();
            });
        }
        addChoice(tr("Whose frame"), group);
        auto* thresholds = new QAction(tr("Thresholds"), this);
        thresholds->setObjectName(QStringLiteral("thresholds"));
        thresholds->setToolTip(tr("Show and change what separates the kinds"));
        thresholds->setCheckable(true);
        connect(thresholds, &QAction::toggled, m_thresholds, &QWidget::setVisible);
        addButton(thresholds);
    }

    QWidget* makeThresholds() {
        m_thresholds = new QFrame;
        auto* layout = new QVBoxLayout(m_thresholds);
        layout->setContentsMargins(0, 4, 0, 4);
        m_form = new ParameterForm("frame", frameParameters(), {});
        auto* standard = new QPushButton(tr("Standard Thresholds"));
        layout->addWidget(m_form);
        layout->addWidget(standard, 0, Qt::AlignLeft);
        m_thresholds->hide();
        m_debounce.setSingleShot(true);
        m_debounce.setInterval(kDebounceMs);
        connect(standard, &QPushButton::clicked, m_form, &ParameterForm::reset);
        connect(m_form, &ParameterForm::changed, &m_debounce, qOverload<>(&QTimer::start));
        connect(&m_debounce, &QTimer::timeout, this, &FrameCard::requestThresholds);
        return m_thresholds;
    }

    void connectAll() {
        const SessionModel& session = m_context.session;
        connect(&session, &SessionModel::captureChanged, this, &FrameCard::rebuild);
        connect(&session, &SessionModel::analysisChanged, this, &FrameCard::rebuild);
        connect(&m_context.selection, &Selection::headChanged, this, [this] {
            if (m_level != FrameLevel::Model)
                rebuild();
        });
        connect(&m_context.themeNotifier, &ThemeNotifier::themeChanged, this, &FrameCard::rebuild);
    }

    void requestThresholds() {
        const auto& analysis = m_context.session.analysis();
        ParameterValues wanted;
        bool isNew = false;
        const ParameterValues chosen = m_form->values();
        for (const ParameterSpec& spec : frameParameters()) {
            const double value = valueOf(chosen, "frame", spec);
            wanted["frame." + std::string(spec.id)] = value;
            isNew = isNew || (analysis && std::abs(value - valueOf(analysis->features, "frame", spec)) > 1e-12);
        }
        if (!isNew)
            return;
        m_subject->setText(tr("evaluating…"));
        m_context.session.requestParameters(wanted);
    }

    [[nodiscard]] QString subject() const {
        const CaptureHeader& header = *m_context.session.header();
        const LayerId layer = m_context.selection.layer();
        if (m_level == FrameLevel::Head)
            return headTitle(layer, m_context.selection.head());
        return m_level == FrameLevel::Layer ? tr("Layer %1, %n heads", nullptr, header.heads).arg(layer.value)
                                            : tr("%1 × %2 heads").arg(header.capturedLayers.size()).arg(header.heads);
    }

    void rebuild() {
        const auto& analysis = m_context.session.analysis();
        const CaptureHeader* header = m_context.session.header();
        if (!header || !analysis) {
            setNote({});
            setEmptyText(header ? tr("Not analysed yet") : tr("No verdict yet"),
                         header ? tr("The kind of frame is known once the run has been analysed.") : tr("Run a text, or better a few dozen, to see what kind of frame its sinks make."));
            return setEmpty(true);
        }
        const auto reading = frameReading(*analysis, m_level, m_context.selection.layer().value, m_context.selection.head().value, header->rule.causal);
        if (!reading) {
            setEmptyText(tr("Not captured"), tr("The capture holds no such layer."));
            return setEmpty(true);
        }
        setEmpty(false);
        setNote(analysis->samples > 1 ? tr("%n samples", nullptr, analysis->samples) + tr(" · 95 % CI") : QString());
        showVerdict(*reading);
        showEvidence(*reading);
        showContext(*header, *analysis);
        showGroups(analysis);
        if (m_debounce.isActive() || m_form->isAncestorOf(focusWidget()))
            return; // somebody is typing
        const QSignalBlocker quiet(m_form);
        m_form->setValues(analysis->features);
    }

    void showVerdict(const FrameReading& reading) {
        QFont font = m_context.theme.font;
        font.setPixelSize(font.pixelSize() + 9);
        font.setWeight(QFont::DemiBold);
        m_kind->setFont(font);
        m_kind->setText(kindTitle(reading.kind));
        m_subject->setText(subject());
        m_scores->setScores(reading.scores, reading.kind);
        m_reason->setText(sentence(reading.reason));
        Explanation explanation{.title = tr("Kind of reference frame"), .value = kindTitle(reading.kind),
                                .reading = tr("Decided by the intervals over samples: a kind only where the whole interval of every number that matters lies on one "
                                              "side of its threshold, otherwise undecided. It describes attention; what it does to the output is a matter of interventions."),
                                .source = tr("our reconstruction of the kinds of Ruscio, Nanni and Silvestri, not their rule"), .parameters = {}};
        for (const ParameterSpec& spec : frameParameters())
            explanation.parameters.append({utf8Text(spec.title).toLower(), utf8Text(textOf(spec, valueOf(m_context.session.analysis()->features, "frame", spec)))});
        m_explain->setExplanation(std::move(explanation));
    }

    /// The short reasons begin in lower case; a number and its sign stay on one line.
    static QString sentence(QString text) {
        text.replace(QStringLiteral(" %"), QStringLiteral("\u202f%"));
        if (!text.isEmpty())
            text.front() = text.front().toUpper();
        return text.isEmpty() || text.endsWith(QLatin1Char('.')) ? text : text + QLatin1Char('.');
    }

    void showEvidence(const FrameReading& reading) {
        delete m_evidence->layout();
        qDeleteAll(m_evidence->findChildren<QWidget*>(Qt::FindDirectChildrenOnly));
        auto* grid = new QGridLayout(m_evidence);
        grid->setContentsMargins(0, 2, 0, 2);
        grid->setHorizontalSpacing(6);
        grid->setVerticalSpacing(0);
        const int height = std::max(23, fontMetrics().height() + 5);
        // Rows are made while the card may be hidden, when Qt does not ask them for their size.
        m_evidence->setFixedHeight(static_cast<int>(reading.evidence.size()) * height + 4);
        grid->setColumnStretch(1, 1);
        for (int row = 0; row < static_cast<int>(reading.evidence.size()); ++row) {
            grid->setRowMinimumHeight(row, height);
            const FrameEvidenceRow& one = reading.evidence[static_cast<std::size_t>(row)];
            auto* explain = new ExplainButton;
            explain->setExplanation(one.explanation);
            auto* name = new QHBoxLayout;
            name->setSpacing(2);
            auto* title = new ElidingLabel;
            title->setProperty("muted", !one.decides);
            title->setFullText(one.title);
            name->addWidget(title);
            name->addWidget(explain);
            name->addStretch(1);
            auto* value = label(one.valueText(), false);
            value->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
            grid->addLayout(name, row, 0);
            grid->addWidget(new EvidenceScale(m_context.theme, one), row, 1);
            grid->addWidget(value, row, 2);
        }
    }

    /// Groups are known of the model alone. What is shown already stays.
    void showGroups(const std::shared_ptr<const AnalysisResult>& analysis) {
        const auto wanted = m_level == FrameLevel::Model ? analysis : nullptr;
        if (wanted != m_grouped)
            m_groups->setAnalysis(wanted);
        m_grouped = wanted;
    }

    void showContext(const CaptureHeader& header, const AnalysisResult& analysis) {
        QStringList facts, explanations;
        for (const FrameContextFact& fact : frameContext(header, analysis)) {
            const QString value = fact.value.toHtmlEscaped().replace(QLatin1Char(' '), QStringLiteral("&nbsp;")).replace(QStringLiteral("–"), QStringLiteral("&#8288;–&#8288;"));
            facts.append(QStringLiteral("%1&nbsp;<span style=\"color:%2\">%3</span>")
                             .arg(fact.name.toHtmlEscaped().replace(QLatin1Char(' '), QStringLiteral("&nbsp;")), m_context.theme.text.name(), value));
            explanations.append(QStringLiteral("<p style='margin:0 0 4px 0'><b>%1</b> %2. %3</p>")
                                    .arg(fact.name.toHtmlEscaped(), fact.value.toHtmlEscaped(), fact.explanation.toHtmlEscaped()));
        }
        m_facts->setText(facts.join(QStringLiteral("&nbsp;· ")));
        m_facts->setToolTip(explanations.join(QString()));
    }

    ViewContext m_context;
    FrameLevel m_level = FrameLevel::Model;
    QLabel* m_kind;
    QLabel* m_subject;
    ExplainButton* m_explain;
    ScoreBars* m_scores;
    QLabel* m_reason;
    QWidget* m_evidence;
    QFrame* m_thresholds = nullptr;
    ParameterForm* m_form = nullptr;
    QLabel* m_facts;
    FrameGroups* m_groups;
    std::shared_ptr<const AnalysisResult> m_grouped; ///< whose groups are shown
    QTimer m_debounce;
};

QWidget* create(const ViewContext& context, QWidget* parent) { return new FrameCard(context, parent); }

} // namespace

namespace registry_views {
extern const ViewSpec frame_card;
const ViewSpec frame_card{"frame_card", QT_TRANSLATE_NOOP("Views", "Reference frame"), DockArea::Right, 1, create};
} // namespace registry_views
} // namespace sinkscope

#include "frame_card.moc"
