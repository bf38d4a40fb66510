// SPDX-License-Identifier: Apache-2.0
#include "app/chip_strip.h"

#include <QHelpEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QToolTip>
#include <QWheelEvent>

#include <algorithm>

namespace sinkscope {
namespace {

constexpr int kPadding = 6, kGap = 4, kMargin = 6;
constexpr int kWidest = 160;

} // namespace

ChipStrip::ChipStrip(const Theme& theme, QWidget* parent) : QWidget(parent), m_theme(theme) {
    setCursor(Qt::IBeamCursor);
    setAccessibleName(tr("Tokens of the text"));
    setMinimumHeight(34);
}

void ChipStrip::setChips(std::vector<Chip> chips) {
    m_chips = std::move(chips);
    layoutChips();
    m_scroll = std::clamp(m_scroll, 0, std::max(0, m_total - width()));
    update();
}

void ChipStrip::setSelected(int token) {
    m_selected = token;
    if (token >= 0 && token < static_cast<int>(m_chips.size())) {
        const auto at = static_cast<std::size_t>(token);
        if (m_left[at] < m_scroll)
            m_scroll = std::max(0, m_left[at] - kMargin);
        else if (m_left[at] + m_width[at] > m_scroll + width())
            m_scroll = m_left[at] + m_width[at] - width() + kMargin;
    }
    update();
}

void ChipStrip::layoutChips() {
    const QFontMetrics metrics(m_theme.font);
    m_left.clear();
    m_width.clear();
    int x = kMargin;
    for (const Chip& chip : m_chips) {
        const int width = std::min(metrics.horizontalAdvance(chip.text), kWidest) + 2 * kPadding;
        m_left.push_back(x);
        m_width.push_back(width);
        x += width + kGap;
    }
    m_total = x + kMargin;
}

QRect ChipStrip::chipRect(int token) const {
    const auto at = static_cast<std::size_t>(token);
    const int height = QFontMetrics(m_theme.font).height() + 8;
    return {m_left[at] - m_scroll, (this->height() - height) / 2, m_width[at], height};
}

void ChipStrip::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setFont(m_theme.font);
    const QFontMetrics metrics(m_theme.font);
    for (int token = 0; token < static_cast<int>(m_chips.size()); ++token) {
        const QRect area = chipRect(token);
        if (area.right() < 0 || area.left() > width())
            continue;
        const Chip& chip = m_chips[static_cast<std::size_t>(token)];
        painter.setPen(token == m_selected ? QPen(m_theme.accent, 1.5) : QPen(Qt::NoPen));
        painter.setBrush(chip.isSink ? m_theme.anchor : token == m_selected ? m_theme.selection : m_theme.chip);
        painter.drawRoundedRect(QRectF(area).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4);
        painter.setPen(chip.isSink ? m_theme.onAnchor : m_theme.text);
        painter.drawText(area, Qt::AlignCenter, metrics.elidedText(chip.text, Qt::ElideRight, area.width() - 2 * kPadding + 2));
    }
    if (m_total - m_scroll > width()) { // there is more at the right
        QLinearGradient fade(width() - 36, 0, width(), 0);
        QColor clear = m_theme.panel;
        clear.setAlpha(0);
        fade.setColorAt(0, clear);
        fade.setColorAt(1, m_theme.panel);
        painter.fillRect(width() - 36, 0, 36, height(), fade);
    }
}

int ChipStrip::chipAt(QPoint position) const {
    for (int token = 0; token < static_cast<int>(m_chips.size()); ++token)
        if (chipRect(token).contains(position))
            return token;
    return -1;
}

void ChipStrip::mousePressEvent(QMouseEvent* event) {
    const int token = chipAt(event->position().toPoint());
    if (token >= 0)
        Q_EMIT chosen(token);
    else
        Q_EMIT editRequested();
}

void ChipStrip::mouseDoubleClickEvent(QMouseEvent*) { Q_EMIT editRequested(); }

void ChipStrip::wheelEvent(QWheelEvent* event) {
    const QPoint delta = event->angleDelta();
    m_scroll = std::clamp(m_scroll - (delta.x() != 0 ? delta.x() : delta.y()), 0, std::max(0, m_total - width()));
    update();
    event->accept();
}

void ChipStrip::changeEvent(QEvent* event) {
    if (event->type() == QEvent::FontChange || event->type() == QEvent::StyleChange)
        layoutChips();
    QWidget::changeEvent(event);
}

bool ChipStrip::event(QEvent* event) {
    if (event->type() == QEvent::ToolTip) {
        const auto* help = static_cast<QHelpEvent*>(event);
        const int token = chipAt(help->pos());
        if (token >= 0)
            QToolTip::showText(help->globalPos(), m_chips[static_cast<std::size_t>(token)].tooltip, this);
        return true;
    }
    return QWidget::event(event);
}

} // namespace sinkscope
