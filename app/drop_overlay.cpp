// SPDX-License-Identifier: Apache-2.0
#include "app/drop_overlay.h"

#include <QPainter>
#include <QPainterPath>

namespace sinkscope {

DropOverlay::DropOverlay(const Theme& theme, QWidget* parent) : QWidget(parent), m_theme(theme) {
    setAttribute(Qt::WA_TransparentForMouseEvents);
    setAccessibleName(tr("Drop target"));
    hide();
}

void DropOverlay::showFor(const std::vector<PathJudgement>& paths) {
    constexpr std::size_t kShown = 4;
    m_lines.clear();
    for (std::size_t i = 0; i < paths.size() && i < kShown; ++i)
        m_lines << paths[i].action();
    if (paths.size() > kShown)
        m_lines << tr("and %n more", nullptr, static_cast<int>(paths.size() - kShown));
    setAccessibleDescription(m_lines.join(QLatin1String("; ")));
    setGeometry(parentWidget()->rect());
    show();
    raise();
    update();
}

void DropOverlay::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    QColor veil = m_theme.window;
    veil.setAlphaF(0.82F);
    painter.fillRect(rect(), veil);

    const QRectF frame = QRectF(rect()).adjusted(18, 18, -18, -18);
    painter.setPen(QPen(m_theme.accent, 2.5, Qt::DashLine));
    painter.setBrush(Qt::NoBrush);
    painter.drawRoundedRect(frame, 14, 14);

    QFont font = m_theme.font;
    font.setPointSizeF(font.pointSizeF() > 0 ? font.pointSizeF() * 1.9 : 19);
    font.setWeight(QFont::DemiBold);
    painter.setFont(font);
    painter.setPen(m_theme.text);
    painter.drawText(frame.adjusted(24, 24, -24, -24), Qt::AlignCenter | Qt::TextWordWrap, m_lines.join(QLatin1Char('\n')));
}

} // namespace sinkscope
