// SPDX-License-Identifier: Apache-2.0
#include "views/paint/spectrum.h"

#include "views/models/text_format.h"

#include <QCoreApplication>
#include <QFontMetricsF>

#include <algorithm>
#include <cmath>

namespace sinkscope {
namespace {

QString translated(const char* text) { return QCoreApplication::translate("Spectrum", text); }

QString bandTitle(const SpectrumBand& band) {
    const QString what = band.null == AttentionNull::MatchedEntropy ? translated("random rows of the same entropy") : translated("shuffled rows");
    return translated("95 % of %1 draws of %2").arg(band.draws).arg(what);
}

QColor bandColor(const Theme& theme) {
    QColor color = theme.mutedText;
    color.setAlphaF(theme.isDark ? 0.34F : 0.24F);
    return color;
}

void paintBand(QPainter& painter, const PlotAxes& axes, const SpectrumBand& band, const Theme& theme) {
    QPolygonF outline;
    const std::size_t count = band.low.size();
    for (std::size_t i = 0; i < count; ++i)
        outline.append({axes.toX(static_cast<double>(i + 1)), axes.toY(band.high[i])});
    for (std::size_t i = count; i-- > 0;)
        outline.append({axes.toX(static_cast<double>(i + 1)), axes.toY(band.low[i])});
    painter.setPen(QPen(bandColor(theme), 1));
    painter.setBrush(bandColor(theme));
    painter.drawPolygon(outline);
}

bool isOutside(const SpectrumContent& content, std::size_t place) {
    if (!content.band || place >= content.band->low.size())
        return false;
    const double value = content.spectrum->values[place], slack = 1e-9 * std::max(1.0, std::abs(value));
    return value < content.band->low[place] - slack || value > content.band->high[place] + slack;
}

void paintStems(QPainter& painter, const PlotAxes& axes, const SpectrumContent& content, const Theme& theme) {
    const std::vector<double>& values = content.spectrum->values;
    const double step = axes.area.width() / (axes.x.high - axes.x.low), size = std::clamp(step * 0.3, 1.4, 4.0);
    const double zero = axes.toY(std::max(0.0, axes.y.low));
    for (std::size_t i = 0; i < values.size(); ++i) {
        const QPointF head(axes.toX(static_cast<double>(i + 1)), axes.toY(values[i]));
        const bool isSelected = static_cast<int>(i) == content.selected, isHovered = static_cast<int>(i) == content.hovered;
        const QColor color = isSelected ? theme.focusFrame : isHovered ? theme.text : theme.accent;
        painter.setPen(QPen(color, std::clamp(step * 0.14, 0.7, 1.6)));
        painter.drawLine(QPointF(head.x(), zero), head);
        painter.setPen(QPen(color, 1.2));
        painter.setBrush(content.band && !isOutside(content, i) ? theme.panel : color);
        painter.drawEllipse(head, size, size);
    }
}

/// A bracket beside the largest step, with its size.
void paintGap(QPainter& painter, const PlotAxes& axes, const HeadSpectrum& spectrum, const QFont& font, const Theme& theme) {
    if (!spectrum.gap)
        return;
    const std::size_t at = *spectrum.gap;
    const double low = axes.toY(spectrum.values[at]), high = axes.toY(spectrum.values[at + 1]);
    const double x = (axes.toX(static_cast<double>(at + 1)) + axes.toX(static_cast<double>(at + 2))) / 2;
    painter.setPen(QPen(theme.anchorText, 1.4));
    painter.drawLine(QPointF(x, low), QPointF(x, high));
    for (const double y : {low, high})
        painter.drawLine(QPointF(x - 3, y), QPointF(x + 3, y));
    const QFontMetricsF metrics(font, painter.device());
    painter.setFont(font);
    const QString text = translated("gap %1").arg(numberText(std::abs(spectrum.values[at + 1] - spectrum.values[at])));
    const double width = metrics.horizontalAdvance(text);
    const bool isRight = x + 10 + width < axes.area.right() && spectrum.kind == SpectrumKind::Singular;
    const double y = std::clamp((low + high) / 2 + metrics.ascent() * 0.36, axes.area.top() + metrics.ascent(), axes.area.bottom() - 4);
    paintBackedText(painter, QPointF(isRight || x - 10 - width < axes.area.left() ? x + 9 : x - 9 - width, y), text, theme.anchorText, theme);
}

void paintFiedler(QPainter& painter, const PlotAxes& axes, const HeadSpectrum& spectrum, const QFont& font, const Theme& theme) {
    if (spectrum.kind == SpectrumKind::Singular || spectrum.values.size() < 3)
        return;
    painter.setFont(font);
    const QFontMetricsF metrics(font, painter.device());
    const QString text = translated("%1 = %2, Fiedler value").arg(symbolOf(spectrum.kind, 1), numberText(spectrum.values[1]));
    const double x = axes.toX(2), y = std::max(axes.toY(spectrum.values[1]) - 26, axes.area.top() + metrics.ascent() + 2);
    painter.setPen(QPen(theme.mutedText, 1));
    painter.drawLine(QPointF(x, axes.toY(spectrum.values[1]) - 6), QPointF(x, y + 4));
    paintBackedText(painter, QPointF(x, y), text, theme.text, theme);
}

} // namespace

QString symbolOf(SpectrumKind kind, int place) {
    QString text = kind == SpectrumKind::Singular ? QStringLiteral("σ") : QStringLiteral("λ");
    for (const QChar digit : QString::number(place + 1))
        text += QChar(0x2080 + digit.digitValue());
    return text;
}

PlotAxes layoutSpectrum(const QRectF& area, const SpectrumContent& content, const QFont& font) {
    PlotAxes axes;
    const std::vector<double>& values = content.spectrum->values;
    double highest = values.empty() ? 1.0 : *std::ranges::max_element(values);
    if (content.band)
        for (const double high : content.band->high)
            highest = std::max(highest, high);
    axes.y = niceTicks(0, highest > 0 ? highest : 1.0, 5);
    const auto count = static_cast<double>(values.size());
    axes.x = ticksWithin(0.4, count + 0.6, 12);
    std::erase_if(axes.x.values, [](double value) { return value != std::floor(value) || value < 1; });
    axes.x.values.insert(axes.x.values.begin(), 1.0);
    const double line = QFontMetricsF(font).height(), left = area.left() + valueTickWidth(axes.y, font) + 20, top = area.top() + line + 12;
    axes.area = QRectF(left, top, std::max(20.0, area.right() - 14 - left), std::max(20.0, area.bottom() - xAxisHeight(font) - 2 - top));
    return axes;
}

void paintSpectrum(QPainter& painter, const QRectF& area, const PlotAxes& axes, const SpectrumContent& content, const QFont& font, const Theme& theme) {
    painter.save();
    const HeadSpectrum& spectrum = *content.spectrum;
    const double line = QFontMetricsF(font, painter.device()).height();
    paintGrid(painter, axes, false, theme);
    paintValueTicks(painter, axes.area, axes.y, true, font, theme);
    paintXTicks(painter, axes, font, theme);
    paintXTitle(painter, axes, spectrum.kind == SpectrumKind::Singular ? translated("number, from the largest") : translated("number, from the smallest"), font, theme);
    if (content.band && !content.band->low.empty())
        paintBand(painter, axes, *content.band, theme);
    paintStems(painter, axes, content, theme);
    paintFiedler(painter, axes, spectrum, font, theme);
    paintGap(painter, axes, spectrum, font, theme);
    const bool hasBand = content.band && !content.band->low.empty();
    QString name = spectrum.kind == SpectrumKind::Singular ? translated("singular value") : translated("eigenvalue");
    if (hasBand)
        name += translated(" (hollow: within the band)");
    std::vector<LegendEntry> legend{{LegendEntry::Mark::Bar, theme.accent, name}};
    if (hasBand)
        legend.push_back({LegendEntry::Mark::Bar, bandColor(theme), bandTitle(*content.band)});
    paintLegend(painter, QRectF(axes.area.left(), area.top() + 3, axes.area.width(), line + 4), legend, font, theme);
    painter.restore();
}

int placeAt(const PlotAxes& axes, const SpectrumContent& content, QPointF position) {
    if (!axes.area.adjusted(-2, -8, 2, 12).contains(position))
        return -1;
    const auto count = static_cast<int>(content.spectrum->values.size());
    return std::clamp(static_cast<int>(std::lround(axes.fromX(position.x()))) - 1, 0, count - 1);
}

} // namespace sinkscope
