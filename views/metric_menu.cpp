// SPDX-License-Identifier: Apache-2.0
#include "views/metric_menu.h"

#include "views/explain_popup.h"
#include "views/models/text_format.h"

#include <QKeyEvent>
#include <QLineEdit>
#include <QVBoxLayout>
#include <QWidgetAction>

#include <algorithm>

namespace sinkscope {
namespace {

constexpr std::size_t kMostFound = 18;

bool matches(const MetricSpec& metric, const QStringList& words) {
    const FeatureFamily* family = familyOf(metric);
    const QString all = utf8Text(metric.title) + QLatin1Char(' ') + utf8Text(metric.id) + QLatin1Char(' ') + (family ? utf8Text(family->title) : QString());
    return std::ranges::all_of(words, [&](const QString& word) { return all.contains(word, Qt::CaseInsensitive); });
}

} // namespace

MetricMenu::MetricMenu(Choice choice, std::vector<const MetricSpec*> chosen, QWidget* parent)
    : QMenu(parent), m_choice(choice), m_chosen(std::move(chosen)), m_field(new QLineEdit) {
    setToolTipsVisible(true);
    m_field->setPlaceholderText(tr("Search metrics"));
    m_field->setAccessibleName(tr("Search metrics"));
    m_field->setClearButtonEnabled(true);
    auto* holder = new QWidget;
    auto* layout = new QVBoxLayout(holder);
    layout->setContentsMargins(6, 4, 6, 6);
    layout->addWidget(m_field);
    auto* field = new QWidgetAction(this);
    field->setDefaultWidget(holder);
    addAction(field);
    for (const MetricSpec* metric : allMetrics()) {
        QAction* action = new QAction(utf8Text(metric->title), this);
        action->setToolTip(explanationHtml(explanationOf(*metric, nullptr)));
        action->setCheckable(true);
        action->setChecked(std::ranges::find(m_chosen, metric) != m_chosen.end());
        // Not with the menu as receiver: it cuts its connections with an action that is taken out of it, as the search does.
        connect(action, &QAction::triggered, action, [this, metric](bool on) { choose(metric, on); });
        m_actions[metric] = action;
    }
    m_none = addAction(tr("No metric of that name"));
    m_none->setEnabled(false);
    m_none->setVisible(false);
    m_end = addSeparator();
    addSection(tr("Attention statistics"), {metrics().begin(), metrics().end()});
    for (const FeatureFamily* family : feature_families()) {
        std::vector<const MetricSpec*> own;
        for (const MetricSpec& metric : family->metrics)
            own.push_back(&metric);
        addSection(utf8Text(family->title), own);
    }
    connect(m_field, &QLineEdit::textChanged, this, &MetricMenu::search);
    m_field->installEventFilter(this);
    connect(this, &QMenu::aboutToShow, this, [this] {
        m_field->clear();
        listChosen();
    });
}

void MetricMenu::addSection(const QString& title, const std::vector<const MetricSpec*>& metrics) {
    QMenu* section = addMenu(title);
    section->setToolTipsVisible(true);
    for (const MetricSpec* metric : metrics)
        section->addAction(m_actions[metric]);
    m_sections.push_back(section);
}

void MetricMenu::choose(const MetricSpec* metric, bool on) {
    if (m_choice == Choice::One) {
        for (const MetricSpec* before : m_chosen)
            m_actions[before]->setChecked(false);
        m_chosen = {metric};
        m_actions[metric]->setChecked(true);
    } else {
        std::erase(m_chosen, metric);
        if (on)
            m_chosen.push_back(metric);
    }
    Q_EMIT changed();
}

/// What is chosen stands above the families, so that it can be seen and taken away again.
void MetricMenu::listChosen() {
    for (QAction* action : m_flat)
        removeAction(action);
    m_flat.clear();
    for (const MetricSpec* metric : m_chosen) {
        insertAction(m_end, m_actions[metric]);
        m_flat.push_back(m_actions[metric]);
    }
}

void MetricMenu::search(const QString& text) {
    const QStringList words = text.split(QLatin1Char(' '), Qt::SkipEmptyParts);
    for (QMenu* section : m_sections)
        section->menuAction()->setVisible(words.isEmpty());
    m_none->setVisible(false);
    listChosen();
    if (words.isEmpty())
        return;
    for (QAction* action : m_flat)
        removeAction(action);
    m_flat.clear();
    for (const MetricSpec* metric : allMetrics())
        if (m_flat.size() < kMostFound && matches(*metric, words)) {
            insertAction(m_end, m_actions[metric]);
            m_flat.push_back(m_actions[metric]);
        }
    m_none->setVisible(m_flat.empty());
}

/// Return in the field takes the first that was found. The menu must not see the key: it would trigger the entry once more.
bool MetricMenu::eventFilter(QObject* object, QEvent* event) {
    const int key = object == m_field && event->type() == QEvent::KeyPress ? static_cast<QKeyEvent*>(event)->key() : 0;
    if (key != Qt::Key_Return && key != Qt::Key_Enter)
        return QMenu::eventFilter(object, event);
    if (!m_field->text().isEmpty() && !m_flat.empty())
        m_flat.front()->trigger();
    close();
    return true;
}

void MetricMenu::keyPressEvent(QKeyEvent* event) {
    const QString text = event->text();
    if (text.isEmpty() || !text.front().isPrint() || text.front().isSpace() || (event->modifiers() & (Qt::ControlModifier | Qt::AltModifier)) != 0)
        return QMenu::keyPressEvent(event);
    m_field->setFocus();
    m_field->insert(text);
}

} // namespace sinkscope
