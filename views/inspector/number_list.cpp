// SPDX-License-Identifier: Apache-2.0
#include "views/inspector/number_list.h"

#include <QAction>
#include <QClipboard>
#include <QGridLayout>
#include <QGuiApplication>
#include <QLabel>
#include <QProgressBar>
#include <QPushButton>
#include <QVBoxLayout>

namespace sinkscope {

NumberList::NumberList(QWidget* parent) : QScrollArea(parent) {
    setWidgetResizable(true);
    setFrameShape(QFrame::NoFrame);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setMinimumWidth(236);
    setAccessibleName(tr("Numbers of the tensor"));
    auto* copy = new QAction(tr("Copy as Table"), this);
    copy->setShortcut(QKeySequence::Copy);
    copy->setShortcutContext(Qt::WidgetWithChildrenShortcut);
    connect(copy, &QAction::triggered, this, [this] { QGuiApplication::clipboard()->setText(asTsv()); });
    addAction(copy);
    setContextMenuPolicy(Qt::ActionsContextMenu);
    clear();
    finish();
}

void NumberList::clear() {
    m_lines.clear();
    m_page = new QWidget;
    m_page->setObjectName(QStringLiteral("numbers"));
    m_page->setStyleSheet(QStringLiteral("QWidget#numbers { background: transparent; }"));
    auto* layout = new QVBoxLayout(m_page);
    layout->setContentsMargins(10, 8, 10, 8);
    layout->setSpacing(6);
    m_progressRow = new QWidget;
    auto* progress = new QGridLayout(m_progressRow);
    progress->setContentsMargins(0, 0, 0, 0);
    progress->setVerticalSpacing(2);
    m_progressText = new QLabel;
    m_progressText->setProperty("muted", true);
    m_progress = new QProgressBar;
    m_progress->setRange(0, 1000);
    m_progress->setTextVisible(false);
    m_progress->setFixedHeight(5);
    auto* stop = new QPushButton(tr("Stop"));
    stop->setAutoDefault(false);
    connect(stop, &QPushButton::clicked, this, [this] { Q_EMIT askedFor(QStringLiteral("stop")); }, Qt::QueuedConnection);
    progress->addWidget(m_progressText, 0, 0);
    progress->addWidget(m_progress, 1, 0);
    progress->addWidget(stop, 0, 1, 2, 1);
    progress->setColumnStretch(0, 1);
    layout->addWidget(m_progressRow);
    m_rows = new QGridLayout;
    m_rows->setHorizontalSpacing(12);
    m_rows->setVerticalSpacing(3);
    m_rows->setColumnStretch(1, 1);
    layout->addLayout(m_rows);
    layout->addStretch(1);
    updateProgress();
}

void NumberList::finish() {
    if (widget() != m_page)
        setWidget(m_page); // deletes the page before
}

void NumberList::add(const QString& name, const QString& value, bool isWarning) {
    const int row = m_rows->rowCount();
    auto* left = new QLabel(name);
    left->setProperty("muted", true);
    auto* right = new QLabel(value);
    right->setAlignment(Qt::AlignRight | Qt::AlignTop);
    right->setWordWrap(true);
    right->setTextInteractionFlags(Qt::TextSelectableByMouse);
    right->setAccessibleName(name + QStringLiteral(": ") + value);
    if (isWarning)
        right->setProperty("warning", true);
    m_rows->addWidget(left, row, 0, Qt::AlignTop);
    m_rows->addWidget(right, row, 1);
    m_lines.append(name + QLatin1Char('\t') + value);
}

void NumberList::addTitle(const QString& text) {
    QString breakable = text; // names of tensors are one long word
    for (const QChar part : {QLatin1Char('.'), QLatin1Char('_'), QLatin1Char('/')})
        breakable.replace(part, QString(part) + QChar(0x200b));
    auto* label = new QLabel(breakable);
    QFont bold = label->font();
    bold.setWeight(QFont::DemiBold);
    label->setFont(bold);
    label->setWordWrap(true);
    label->setTextInteractionFlags(Qt::TextSelectableByMouse);
    label->setAccessibleName(text);
    m_rows->addWidget(label, m_rows->rowCount(), 0, 1, 2);
    m_lines.append(tr("Name") + QLatin1Char('\t') + text);
}

void NumberList::addHeading(const QString& text) {
    auto* label = new QLabel(text);
    QFont bold = label->font();
    bold.setWeight(QFont::DemiBold);
    label->setFont(bold);
    label->setContentsMargins(0, 4, 0, 0);
    m_rows->addWidget(label, m_rows->rowCount(), 0, 1, 2);
}

void NumberList::addNote(const QString& text) {
    auto* label = new QLabel(text);
    label->setWordWrap(true);
    label->setProperty("muted", true);
    m_rows->addWidget(label, m_rows->rowCount(), 0, 1, 2);
}

void NumberList::addButton(const QString& text, const QString& id, const QString& toolTip) {
    auto* button = new QPushButton(text);
    button->setAutoDefault(false);
    button->setToolTip(toolTip);
    button->setEnabled(m_running.isEmpty());
    // Later: what is asked for rebuilds the list, and with it the button.
    connect(button, &QPushButton::clicked, this, [this, id] { Q_EMIT askedFor(id); }, Qt::QueuedConnection);
    m_rows->addWidget(button, m_rows->rowCount(), 0, 1, 2, Qt::AlignLeft);
}

void NumberList::showProgress(const QString& what, double fraction) {
    m_running.insert(what, fraction);
    updateProgress();
}

void NumberList::endProgress(const QString& what) {
    if (what.isEmpty())
        m_running.clear();
    else
        m_running.remove(what);
    updateProgress();
}

void NumberList::updateProgress() {
    m_progressRow->setVisible(!m_running.isEmpty());
    if (m_running.isEmpty())
        return;
    m_progressText->setText(tr("Computing %1").arg(QStringList(m_running.keys()).join(tr(" and "))));
    double sum = 0;
    for (const double fraction : m_running)
        sum += fraction;
    m_progress->setValue(static_cast<int>(1000 * sum / static_cast<double>(m_running.size())));
}

QString NumberList::asTsv() const { return m_lines.join(QLatin1Char('\n')) + QLatin1Char('\n'); }

} // namespace sinkscope
