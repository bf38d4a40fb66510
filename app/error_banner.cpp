// SPDX-License-Identifier: Apache-2.0
#include "app/error_banner.h"

#include "app/error_text.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QToolButton>
#include <QVBoxLayout>

namespace sinkscope {
namespace {

constexpr qsizetype kMaxDetail = 600; // an error may list hundreds of tensors; the log has them all

QLabel* plainLabel() {
    auto* label = new QLabel;
    label->setTextFormat(Qt::PlainText); // details quote files, which may hold markup
    label->setWordWrap(true);
    label->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    return label;
}

} // namespace

ErrorBanner::ErrorBanner(const Theme& theme, QWidget* parent)
    : QFrame(parent), m_theme(theme), m_title(plainLabel()), m_detail(plainLabel()), m_remedy(plainLabel()) {
    setObjectName(QStringLiteral("errorBanner"));
    setAccessibleName(tr("Error"));
    auto* log = new QToolButton;
    log->setText(tr("Log"));
    connect(log, &QToolButton::clicked, this, &ErrorBanner::logRequested);
    auto* dismiss = new QToolButton;
    dismiss->setObjectName(QStringLiteral("dismissError"));
    dismiss->setText(QStringLiteral("✕"));
    dismiss->setAccessibleName(tr("Dismiss"));
    dismiss->setToolTip(tr("Dismiss"));
    dismiss->setAutoRaise(true);
    connect(dismiss, &QToolButton::clicked, this, &QWidget::hide);

    auto* texts = new QVBoxLayout;
    texts->setSpacing(2);
    texts->addWidget(m_title);
    texts->addWidget(m_detail);
    texts->addWidget(m_remedy);
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(12, 8, 8, 8);
    row->addLayout(texts, 1);
    row->addWidget(log, 0, Qt::AlignTop);
    row->addWidget(dismiss, 0, Qt::AlignTop);
    hide();
}

void ErrorBanner::showError(const Error& error) {
    const ErrorText text = errorText(error);
    m_title->setText(text.title);
    QString detail = text.file;
    if (!text.detail.isEmpty())
        detail += (detail.isEmpty() ? QString() : QStringLiteral(": ")) + text.detail;
    if (detail.size() > kMaxDetail)
        detail = detail.left(kMaxDetail) + QStringLiteral("…");
    m_detail->setText(detail);
    m_detail->setVisible(!detail.isEmpty());
    m_remedy->setText(text.remedy);
    setAccessibleDescription(this->text());
    applyTheme();
    show();
}

QString ErrorBanner::text() const {
    return m_title->text() + QLatin1Char('\n') + m_detail->text() + QLatin1Char('\n') + m_remedy->text();
}

void ErrorBanner::applyTheme() {
    QColor background = m_theme.error;
    background.setAlphaF(m_theme.isDark ? 0.28F : 0.12F);
    setStyleSheet(QStringLiteral("#errorBanner { background: %1; border: none; border-bottom: 1px solid %2; }"
                                 "#errorBanner QLabel { background: transparent; color: %3; }")
                      .arg(background.name(QColor::HexArgb), m_theme.error.name(), m_theme.text.name()));
    QFont bold = m_theme.font;
    bold.setBold(true);
    m_title->setFont(bold);
}

} // namespace sinkscope
