// SPDX-License-Identifier: Apache-2.0
#include "views/panel_frame.h"

#include "views/eliding_widgets.h"

#include <QAction>
#include <QActionGroup>
#include <QCoreApplication>
#include <QHBoxLayout>
#include <QLabel>
#include <QMenu>
#include <QStackedLayout>
#include <QStatusTipEvent>
#include <QToolButton>
#include <QVBoxLayout>


namespace sinkscope {
namespace {

QFont headerFont(QFont font) {
    font.setPixelSize(qMax(10, QFontInfo(font).pixelSize() - 2));
    font.setWeight(QFont::DemiBold);
    font.setLetterSpacing(QFont::AbsoluteSpacing, 0.6);
    return font;
}

QFont buttonFont(QFont font) {
    font.setPixelSize(qMax(10, QFontInfo(font).pixelSize() - 1));
    return font;
}

} // namespace

PanelFrame::PanelFrame(const QString& title, QWidget* parent) : QFrame(parent) {
    setProperty("panel", true);
    auto* outer = new QVBoxLayout(this);
    outer->setContentsMargins(0, 0, 0, 0);
    outer->setSpacing(0);

    auto* bar = new QFrame(this);
    bar->setProperty("panelHeader", true);
    bar->setFixedHeight(30);
    m_header = new QHBoxLayout(bar);
    m_header->setContentsMargins(10, 0, 6, 0);
    m_header->setSpacing(2);
    m_titleLabel = new ElidingLabel(bar);
    m_titleLabel->setFont(headerFont(font()));
    m_header->addWidget(m_titleLabel, 1);
    m_note = new QLabel(bar);
    m_note->setFont(headerFont(font()));
    m_note->setContentsMargins(8, 0, 4, 0);
    m_note->hide();
    m_header->addWidget(m_note);
    outer->addWidget(bar);

    auto* body = new QWidget(this);
    m_stack = new QStackedLayout(body);
    m_empty = new QWidget(body);
    auto* emptyLayout = new QVBoxLayout(m_empty);
    emptyLayout->setContentsMargins(16, 16, 16, 16);
    emptyLayout->setSpacing(4);
    m_emptyHeading = new QLabel(m_empty);
    m_emptyHint = new QLabel(m_empty);
    for (QLabel* label : {m_emptyHeading, m_emptyHint}) {
        label->setAlignment(Qt::AlignHCenter);
        label->setWordWrap(true);
        label->setProperty("muted", true);
    }
    QFont heading = font();
    heading.setWeight(QFont::DemiBold);
    m_emptyHeading->setFont(heading);
    m_emptyHeading->setProperty("muted", false);
    emptyLayout->addStretch(2);
    emptyLayout->addWidget(m_emptyHeading);
    emptyLayout->addWidget(m_emptyHint);
    emptyLayout->addStretch(3);
    m_stack->addWidget(m_empty);
    outer->addWidget(body, 1);
    setTitle(title);
}

void PanelFrame::setTitle(const QString& title) {
    m_title = title;
    static_cast<ElidingLabel*>(m_titleLabel)->setFullText(title.toUpper());
    setAccessibleName(title);
}

void PanelFrame::setNote(const QString& note) {
    m_note->setText(note.toUpper());
    fitHeader();
}

/// The note goes first when the header is too narrow for everything.
void PanelFrame::fitHeader() {
    int needed = m_titleLabel->sizeHint().width() + 24;
    for (int i = 0; i < m_header->count(); ++i)
        if (const QWidget* widget = m_header->itemAt(i)->widget(); widget && widget != m_titleLabel && widget != m_note && !widget->isHidden())
            needed += widget->sizeHint().width() + m_header->spacing();
    m_note->setVisible(!m_note->text().isEmpty() && needed + m_note->sizeHint().width() <= width());
}

void PanelFrame::resizeEvent(QResizeEvent* event) {
    QFrame::resizeEvent(event);
    fitHeader();
}

QToolButton* PanelFrame::addButton(QAction* action) {
    auto* button = new QToolButton(this);
    button->setDefaultAction(action);
    button->setToolButtonStyle(action->icon().isNull() ? Qt::ToolButtonTextOnly : Qt::ToolButtonIconOnly);
    button->setFont(buttonFont(font()));
    button->setFocusPolicy(Qt::TabFocus);
    m_header->addWidget(button);
    return button;
}

QToolButton* PanelFrame::addMenu(const QString& label, QMenu* menu) {
    auto* button = new ElidingButton(this);
    button->setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
    button->setText(label);
    button->setAccessibleName(label);
    button->setMenu(menu);
    button->setPopupMode(QToolButton::InstantPopup);
    button->setFont(buttonFont(font()));
    button->setFocusPolicy(Qt::TabFocus);
    m_header->addWidget(button);
    return button;
}

QToolButton* PanelFrame::addChoice(const QString& name, QActionGroup* group) {
    auto* menu = new QMenu(name, this);
    menu->setToolTipsVisible(true);
    menu->addActions(group->actions());
    QToolButton* button = addMenu(name, menu);
    const auto follow = [button, name](const QAction* action) {
        button->setText(action->text());
        button->setToolTip(name + QStringLiteral(": ") + action->text());
        button->setAccessibleName(button->toolTip());
    };
    if (group->checkedAction())
        follow(group->checkedAction());
    for (const QAction* action : group->actions()) // also those that the program checks
        connect(action, &QAction::toggled, button, [follow, action](bool isOn) {
            if (isOn)
                follow(action);
        });
    return button;
}

void PanelFrame::addHeaderWidget(QWidget* widget) {
    m_header->addWidget(widget);
}

void PanelFrame::setContent(QWidget* content) {
    m_stack->addWidget(content);
    m_stack->setCurrentWidget(content);
}

void PanelFrame::setEmptyText(const QString& heading, const QString& hint) {
    m_emptyHeading->setText(heading);
    m_emptyHint->setText(hint);
}

void PanelFrame::setEmpty(bool empty) {
    m_stack->setCurrentIndex(empty || m_stack->count() < 2 ? 0 : 1);
}

bool PanelFrame::isEmpty() const {
    return m_stack->currentIndex() == 0;
}

void PanelFrame::showStatus(const QString& text) {
    QStatusTipEvent event(text);
    QCoreApplication::sendEvent(this, &event);
}

void PanelFrame::enableExport() {
    auto* action = new QAction(tr("Export…"), this);
    action->setObjectName(QStringLiteral("exportAction"));
    action->setIcon(QIcon(QStringLiteral(":/sinkscope/icons/export.svg")));
    action->setToolTip(tr("Export what this panel shows as a figure (PDF, SVG or PNG)"));
    connect(action, &QAction::triggered, this, [this] {
        const QJsonObject wanted = recipe();
        if (!wanted.isEmpty())
            Q_EMIT exportRequested(wanted);
    });
    addButton(action)->setAccessibleName(tr("Export"));
}

} // namespace sinkscope
