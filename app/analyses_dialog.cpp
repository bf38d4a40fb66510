// SPDX-License-Identifier: Apache-2.0
#include "app/analyses_dialog.h"

#include "views/explain_popup.h"
#include "views/models/text_format.h"
#include "views/parameter_form.h"

#include <QCheckBox>
#include <QDialogButtonBox>
#include <QFrame>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QScrollArea>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>

namespace sinkscope {
namespace {

bool isIn(const AnalysisRequest& request, const FeatureFamily& family) {
    return request.families ? std::ranges::find(*request.families, family.id) != request.families->end() : family.standard;
}

/// "5 metrics, needs hidden states, up to 1 024 tokens"
QString factsOf(const FeatureFamily& family) {
    QStringList facts{AnalysesDialog::tr("%n metrics", nullptr, static_cast<int>(family.metrics.size()))};
    if (!family.standard)
        facts.append(AnalysesDialog::tr("takes longer"));
    if ((family.needs & kNeedsHidden) != 0)
        facts.append(AnalysesDialog::tr("needs hidden states"));
    if ((family.needs & kNeedsWeights) != 0)
        facts.append(AnalysesDialog::tr("needs the model"));
    if (family.longest < (1 << 16))
        facts.append(AnalysesDialog::tr("texts up to %1 tokens").arg(groupedDigits(family.longest)));
    return facts.join(QStringLiteral(" · "));
}

QString noteOf(const FeatureFamily& family, const AnalysisResult* last) {
    const std::string prefix = std::string(family.title) + ": ";
    for (const std::string& note : last ? last->notes : std::vector<std::string>())
        if (note.starts_with(prefix))
            return utf8Text(std::string_view(note).substr(prefix.size()));
    return {};
}

/// What a family measures, metric by metric.
QString metricsHtml(const FeatureFamily& family) {
    QString html;
    for (const MetricSpec& metric : family.metrics)
        html += QStringLiteral("<p style='margin:0 0 5px 0'><b>%1.</b> %2</p>").arg(utf8Text(metric.title).toHtmlEscaped(), utf8Text(metric.explanation).toHtmlEscaped());
    return html;
}

QLabel* mutedLabel(const QString& text) {
    auto* label = new QLabel(text);
    label->setProperty("muted", true);
    label->setWordWrap(true);
    return label;
}

/// Shows and hides a form; what was changed is not hidden.
QToolButton* foldButton(ParameterForm* form) {
    auto* button = new QToolButton;
    const bool isOpen = !form->values().empty();
    button->setText(AnalysesDialog::tr("Parameters"));
    button->setCheckable(true);
    button->setChecked(isOpen);
    button->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    button->setArrowType(isOpen ? Qt::DownArrow : Qt::RightArrow);
    form->setVisible(isOpen);
    QObject::connect(button, &QToolButton::toggled, form, [button, form](bool on) {
        button->setArrowType(on ? Qt::DownArrow : Qt::RightArrow);
        form->setVisible(on);
    });
    return button;
}

} // namespace

AnalysesDialog::AnalysesDialog(const AnalysisRequest& request, const AnalysisResult* last, bool hasCapture, QWidget* parent)
    : QDialog(parent), m_request(request), m_count(mutedLabel({})) {
    setWindowTitle(tr("Analyses"));
    resize(620, 620);
    auto* field = new QLineEdit;
    field->setObjectName(QStringLiteral("search"));
    field->setPlaceholderText(tr("Search families and metrics"));
    field->setAccessibleName(field->placeholderText());
    field->setClearButtonEnabled(true);
    auto* page = new QFrame;
    page->setProperty("panel", true);
    auto* list = new QVBoxLayout(page);
    list->setContentsMargins(12, 8, 12, 8);
    list->setSpacing(2);
    for (const FeatureFamily* family : feature_families())
        list->addWidget(makeEntry(*family, last));
    for (const ParameterGroup& group : analysisParameters())
        list->addWidget(makeGroup(group));
    list->addStretch(1);
    auto* scroll = new QScrollArea;
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    scroll->setWidget(page);
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Cancel | QDialogButtonBox::RestoreDefaults);
    m_evaluate = buttons->addButton(hasCapture ? tr("Evaluate") : tr("Use for the Next Run"), QDialogButtonBox::AcceptRole);
    m_evaluate->setProperty("primary", true);
    m_evaluate->setDefault(true);
    auto* layout = new QVBoxLayout(this);
    layout->addWidget(field);
    layout->addWidget(scroll, 1);
    layout->addWidget(m_count);
    layout->addWidget(buttons);
    connect(field, &QLineEdit::textChanged, this, &AnalysesDialog::search);
    connect(buttons->button(QDialogButtonBox::RestoreDefaults), &QPushButton::clicked, this, &AnalysesDialog::chooseStandard);
    connect(buttons, &QDialogButtonBox::accepted, this, &QDialog::accept);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    updateCount();
}

QWidget* AnalysesDialog::makeEntry(const FeatureFamily& family, const AnalysisResult* last) {
    Entry entry{.family = &family, .check = new QCheckBox(utf8Text(family.title)), .row = new QWidget, .form = nullptr};
    entry.check->setObjectName(utf8Text(family.id));
    entry.check->setChecked(isIn(m_request, family));
    connect(entry.check, &QCheckBox::toggled, this, &AnalysesDialog::updateCount);
    auto* layout = new QVBoxLayout(entry.row);
    layout->setContentsMargins(0, 6, 0, 6);
    layout->setSpacing(2);
    auto* head = new QHBoxLayout;
    head->addWidget(entry.check, 1);
    auto* explain = new ExplainButton;
    explain->setExplanation({.title = utf8Text(family.title), .value = factsOf(family), .reading = {}, .source = {}, .parameters = {}});
    explain->setToolTip(metricsHtml(family));
    head->addWidget(explain);
    layout->addLayout(head);
    auto* details = new QVBoxLayout;
    details->setContentsMargins(22, 0, 0, 0);
    details->addWidget(mutedLabel(factsOf(family)));
    if (const QString note = noteOf(family, last); !note.isEmpty())
        details->addWidget(mutedLabel(tr("Not evaluated last time: %1").arg(note)));
    if (!family.parameters.empty()) {
        entry.form = new ParameterForm(std::string(family.id), family.parameters, m_request.features);
        details->addWidget(foldButton(entry.form));
        details->addWidget(entry.form);
    }
    layout->addLayout(details);
    m_entries.push_back(entry);
    return entry.row;
}

QWidget* AnalysesDialog::makeGroup(const ParameterGroup& group) {
    auto* row = new QWidget;
    auto* layout = new QVBoxLayout(row);
    layout->setContentsMargins(22, 6, 0, 6);
    layout->setSpacing(2);
    layout->addWidget(new QLabel(utf8Text(group.title)));
    auto* form = new ParameterForm(std::string(group.id), group.parameters, m_request.features);
    layout->addWidget(foldButton(form));
    layout->addWidget(form);
    m_groups.push_back(form);
    return row;
}

AnalysisRequest AnalysesDialog::request() const {
    AnalysisRequest request = m_request;
    std::vector<std::string> chosen;
    bool isStandard = true;
    request.features.clear();
    for (const Entry& entry : m_entries) {
        const bool on = entry.check->isChecked();
        isStandard = isStandard && on == entry.family->standard;
        if (on)
            chosen.emplace_back(entry.family->id);
        if (entry.form)
            request.features.merge(entry.form->values());
    }
    for (const ParameterForm* group : m_groups)
        request.features.merge(group->values());
    request.families = isStandard ? std::nullopt : std::optional(std::move(chosen));
    return request;
}

void AnalysesDialog::chooseStandard() {
    for (const Entry& entry : m_entries) {
        entry.check->setChecked(entry.family->standard);
        if (entry.form)
            entry.form->reset();
    }
    for (ParameterForm* group : m_groups)
        group->reset();
}

void AnalysesDialog::search(const QString& text) {
    const QString wanted = text.trimmed();
    for (const Entry& entry : m_entries)
        entry.row->setVisible(wanted.isEmpty() || utf8Text(entry.family->title).contains(wanted, Qt::CaseInsensitive) ||
                              std::ranges::any_of(entry.family->metrics, [&](const MetricSpec& metric) {
                                  return utf8Text(metric.title).contains(wanted, Qt::CaseInsensitive) || utf8Text(metric.id) == wanted;
                              }));
}

void AnalysesDialog::updateCount() {
    int families = 0;
    std::size_t chosen = metrics().size();
    for (const Entry& entry : m_entries)
        if (entry.check->isChecked()) {
            ++families;
            chosen += entry.family->metrics.size();
        }
    m_count->setText(tr("%n families, %1 metrics with the attention statistics, which are always there.", nullptr, families).arg(chosen));
}

} // namespace sinkscope
