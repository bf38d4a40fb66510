// SPDX-License-Identifier: Apache-2.0
#include "views/frame_widgets.h"

#include "views/models/text_format.h"

#include <QPainter>

#include <algorithm>

namespace sinkscope {
namespace {

constexpr double kBar = 6, kGap = 14;
constexpr const char* kKinds[] = {"centralized", "distributed", "bidirectional", "none"};

QFont valueFont(const Theme& theme) {
    QFont font = theme.font;
    font.setPixelSize(theme.font.pixelSize() + 4);
    font.setWeight(QFont::DemiBold);
    return font;
}

} // namespace

ScoreBars::ScoreBars(const Theme& theme, QWidget* parent) : QWidget(parent), m_theme(theme) {
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    setToolTip(tr("How far inside the region of each kind the means lie: 0.5 is its border, 1 its centre. At most one is above 0.5."));
}

void ScoreBars::setScores(std::vector<std::pair<std::string, double>> scores, const std::string& kind) {
    m_scores = std::move(scores);
    m_kind = kind;
    QStringList all;
    for (const auto& [name, score] : m_scores)
        all.append(kindTitle(name) + QLatin1Char(' ') + QString::number(score, 'f', 2));
    setAccessibleName(all.join(QStringLiteral(", ")));
    updateGeometry();
    update();
}

QSize ScoreBars::sizeHint() const {
    return {360, static_cast<int>(QFontMetricsF(m_theme.smallFont).height() + QFontMetricsF(valueFont(m_theme)).height() + kBar + 8)};
}

void ScoreBars::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const QFontMetricsF small(m_theme.smallFont), large(valueFont(m_theme));
    const double column = (width() - 3 * kGap) / 4.0;
    for (int i = 0; i < 4; ++i) {
        const std::string kind = kKinds[i];
        const auto found = std::ranges::find_if(m_scores, [&](const auto& score) { return score.first == kind; });
        const bool isChosen = kind == m_kind;
        const double x = i * (column + kGap);
        painter.setFont(m_theme.smallFont);
        painter.setPen(isChosen ? m_theme.text : m_theme.mutedText);
        painter.drawText(QPointF(x, small.ascent()), small.elidedText(kindTitle(kind), Qt::ElideRight, column));
        painter.setFont(valueFont(m_theme));
        const QString value = found == m_scores.end() ? QStringLiteral("–") : QString::number(found->second, 'f', 2);
        painter.drawText(QPointF(x, small.height() + large.ascent()), value);
        const QRectF bar(x, small.height() + large.height() + 3, column, kBar);
        painter.setPen(Qt::NoPen);
        painter.setBrush(m_theme.chip);
        painter.drawRoundedRect(bar, kBar / 2, kBar / 2);
        if (found != m_scores.end() && found->second > 0) {
            painter.setBrush(kind == "none" ? m_theme.mutedText : kindColor(kind, m_theme));
            painter.drawRoundedRect(QRectF(bar.topLeft(), QSizeF(std::max(kBar, bar.width() * found->second), kBar)), kBar / 2, kBar / 2);
        }
        painter.fillRect(QRectF(bar.center().x() - 0.5, bar.top() - 2, 1, kBar + 4), m_theme.mutedText);
    }
}

EvidenceScale::EvidenceScale(const Theme& theme, FrameEvidenceRow row, QWidget* parent) : QWidget(parent), m_theme(theme), m_row(std::move(row)) {
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    QStringList lines{m_row.title + QStringLiteral(": ") + m_row.valueText()};
    if (m_row.threshold)
        lines.append(tr("Threshold: %1").arg(m_row.format(*m_row.threshold)));
    if (m_row.chance)
        lines.append(tr("By chance: %1").arg(m_row.format(*m_row.chance)));
    lines.append(tr("Scale from %1 to %2").arg(m_row.format(m_row.low), m_row.format(m_row.high)));
    setToolTip(lines.join(QLatin1Char('\n')));
    setAccessibleName(lines.join(QStringLiteral(", ")));
}

void EvidenceScale::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const double middle = height() / 2.0, left = 5, room = width() - 10.0;
    const auto xOf = [&](double value) {
        return left + (m_row.high > m_row.low ? std::clamp((value - m_row.low) / (m_row.high - m_row.low), 0.0, 1.0) : 0.0) * room;
    };
    painter.setPen(Qt::NoPen);
    painter.setBrush(m_theme.chip);
    painter.drawRoundedRect(QRectF(left, middle - 2, room, 4), 2, 2);
    const QColor color = m_row.decides ? m_theme.accent : m_theme.mutedText;
    if (m_row.estimate.high > m_row.estimate.low) {
        QColor band = color;
        band.setAlphaF(0.45F);
        painter.setBrush(band);
        painter.drawRoundedRect(QRectF(QPointF(xOf(m_row.estimate.low), middle - 3), QPointF(xOf(m_row.estimate.high), middle + 3)), 2, 2);
    }
    if (m_row.threshold)
        painter.fillRect(QRectF(xOf(*m_row.threshold) - 1, middle - 7, 2, 14), m_theme.focusFrame);
    if (m_row.chance) {
        painter.setPen(QPen(m_theme.mutedText, 1.4));
        painter.setBrush(m_theme.panel);
        painter.drawEllipse(QPointF(xOf(*m_row.chance), middle), 3.4, 3.4);
    }
    painter.setPen(QPen(m_theme.panel, 1));
    painter.setBrush(color);
    painter.drawEllipse(QPointF(xOf(m_row.estimate.value), middle), 4.2, 4.2);
}

} // namespace sinkscope
