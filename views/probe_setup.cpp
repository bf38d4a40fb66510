// SPDX-License-Identifier: Apache-2.0
#include "views/probe_setup.h"

#include "views/models/text_format.h"
#include "views/parameter_form.h"

#include <QComboBox>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QProgressBar>
#include <QPushButton>
#include <QScrollArea>
#include <QSpinBox>
#include <QStackedWidget>

#include <algorithm>

namespace sinkscope {
namespace {

QString sentenceCase(QString text) {
    if (!text.isEmpty())
        text[0] = text[0].toUpper();
    return text;
}

QLabel* wrapped(const QString& text, bool muted) {
    auto* label = new QLabel(text);
    label->setWordWrap(true);
    label->setProperty("muted", muted);
    label->setTextInteractionFlags(Qt::TextSelectableByMouse);
    return label;
}

} // namespace

ProbeSetup::ProbeSetup(QWidget* parent)
    : QWidget(parent), m_list(new QListWidget), m_details(new QStackedWidget), m_samples(new QComboBox), m_draws(new QSpinBox), m_hint(wrapped({}, true)),
      m_progress(new QProgressBar), m_run(new QPushButton) {
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 10);
    layout->setSpacing(8);
    m_list->setAccessibleName(tr("Probes"));
    m_list->setFrameShape(QFrame::NoFrame);
    for (const ProbeSpec* probe : probes()) {
        m_entries.push_back({.probe = probe});
        auto* item = new QListWidgetItem(sentenceCase(utf8Text(probe->title)), m_list);
        item->setFlags(Qt::ItemIsEnabled | Qt::ItemIsSelectable | Qt::ItemIsUserCheckable);
        item->setCheckState(probe->edit ? Qt::Checked : Qt::Unchecked); // the causal checks, which apply to every model
        item->setToolTip(QStringLiteral("<p>%1</p>").arg(utf8Text(probe->explanation).toHtmlEscaped()));
        m_details->addWidget(makeDetails(m_entries.back()));
    }
    m_list->setFixedHeight(m_list->sizeHintForRow(0) * static_cast<int>(std::max<std::size_t>(1, m_entries.size())) + 8);
    layout->addWidget(m_list);
    layout->addWidget(m_details, 1);
    auto* form = new QFormLayout;
    form->setContentsMargins(12, 0, 12, 0);
    m_samples->setAccessibleName(tr("Samples"));
    m_samples->setObjectName(QStringLiteral("samples"));
    form->addRow(tr("&Samples"), m_samples);
    m_draws->setRange(1, 100);
    m_draws->setValue(ProbeRequest{}.draws);
    m_draws->setAccessibleName(tr("Draws of each control"));
    m_draws->setToolTip(tr("Other positions and other heads that are edited for comparison, per sample"));
    form->addRow(tr("&Draws of each control"), m_draws);
    layout->addLayout(form);
    auto* bottom = new QHBoxLayout;
    bottom->setContentsMargins(12, 0, 12, 0);
    m_progress->setRange(0, 1000);
    m_progress->setTextVisible(false);
    m_progress->setFixedHeight(6);
    m_progress->setAccessibleName(tr("Progress of the probes"));
    bottom->addWidget(m_hint, 1);
    bottom->addWidget(m_run);
    layout->addWidget(m_progress);
    layout->addLayout(bottom);
    m_run->setObjectName(QStringLiteral("run"));
    connect(m_list, &QListWidget::currentRowChanged, m_details, &QStackedWidget::setCurrentIndex);
    connect(m_list, &QListWidget::itemChanged, this, &ProbeSetup::updateButton);
    connect(m_samples, &QComboBox::currentIndexChanged, this, &ProbeSetup::updateButton);
    connect(m_run, &QPushButton::clicked, this, [this] { m_running ? Q_EMIT stopRequested() : Q_EMIT runRequested(); });
    m_list->setCurrentRow(0);
    setRunning(false);
}

QWidget* ProbeSetup::makeDetails(Entry& entry) {
    const ProbeSpec& probe = *entry.probe;
    auto* page = new QFrame;
    page->setProperty("panel", true);
    auto* layout = new QVBoxLayout(page);
    layout->setContentsMargins(12, 8, 12, 0);
    layout->setSpacing(6);
    layout->addWidget(wrapped(utf8Text(probe.explanation), false));
    layout->addWidget(wrapped(tr("Source: %1").arg(utf8Text(probe.source)), true));
    if (!probe.parameters.empty()) {
        entry.form = new ParameterForm(std::string(probe.id), probe.parameters, {});
        layout->addWidget(entry.form);
    }
    if (probe.text) {
        auto* form = new QFormLayout;
        entry.text = new QLineEdit(utf8Text(probe.text->standard));
        entry.text->setAccessibleName(utf8Text(probe.text->title));
        entry.text->setToolTip(QStringLiteral("<p>%1</p>").arg(utf8Text(probe.text->explanation).toHtmlEscaped()));
        form->addRow(utf8Text(probe.text->title), entry.text);
        layout->addLayout(form);
    }
    layout->addStretch(1);
    auto* area = new QScrollArea;
    area->setWidgetResizable(true);
    area->setFrameShape(QFrame::NoFrame);
    area->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    area->setWidget(page);
    return area;
}

void ProbeSetup::setSamples(int samples, int selected) {
    const int before = m_samples->currentIndex();
    m_count = samples;
    m_selected = selected;
    const QSignalBlocker blocker(m_samples);
    m_samples->clear();
    m_samples->addItem(tr("All of the run (%1)").arg(samples));
    m_samples->addItem(tr("The selected one (%1)").arg(selected));
    m_samples->setCurrentIndex(std::clamp(before, 0, 1));
    updateButton();
}

std::vector<int> ProbeSetup::chosenSamples() const {
    if (m_samples->currentIndex() == 1)
        return {m_selected};
    std::vector<int> all(static_cast<std::size_t>(m_count));
    for (int sample = 0; sample < m_count; ++sample)
        all[static_cast<std::size_t>(sample)] = sample;
    return all;
}

std::vector<std::string> ProbeSetup::chosenProbes() const {
    std::vector<std::string> chosen;
    for (std::size_t i = 0; i < m_entries.size(); ++i)
        if (m_list->item(static_cast<int>(i))->checkState() == Qt::Checked)
            chosen.emplace_back(m_entries[i].probe->id);
    return chosen;
}

ProbeRequest ProbeSetup::request() const {
    ProbeRequest request;
    request.probes = chosenProbes();
    request.draws = m_draws->value();
    for (const Entry& entry : m_entries) {
        if (entry.form)
            request.values.merge(entry.form->values());
        if (entry.text)
            request.replacements[std::string(entry.probe->id) + "." + std::string(entry.probe->text->id)] = entry.text->text().toStdString();
    }
    return request;
}

void ProbeSetup::updateButton() {
    const std::size_t chosen = chosenProbes().size();
    m_run->setEnabled(m_running || (chosen > 0 && m_count > 0));
    if (m_running)
        return;
    const std::size_t samples = chosenSamples().size();
    m_hint->setText(samples >= static_cast<std::size_t>(kFewestForCause)
                        ? tr("Every probe runs the model again, and each control too.")
                        : tr("With fewer than %1 samples no sentence will name a cause.").arg(kFewestForCause));
}

void ProbeSetup::setRunning(bool running) {
    m_running = running;
    m_progress->setVisible(running);
    m_progress->setValue(0);
    m_run->setText(running ? tr("Stop") : tr("Run Probes"));
    m_run->setProperty("primary", !running);
    m_run->style()->unpolish(m_run);
    m_run->style()->polish(m_run);
    for (QWidget* widget : {static_cast<QWidget*>(m_list), static_cast<QWidget*>(m_details), static_cast<QWidget*>(m_samples), static_cast<QWidget*>(m_draws)})
        widget->setEnabled(!running);
    updateButton();
}

void ProbeSetup::showProgress(double fraction, const QString& text) {
    if (!m_running)
        return;
    m_progress->setValue(static_cast<int>(std::clamp(fraction, 0.0, 1.0) * 1000));
    m_hint->setText(text);
}

void ProbeSetup::showProblem(const QString& text) {
    if (!text.isEmpty())
        m_hint->setText(text);
}

} // namespace sinkscope
