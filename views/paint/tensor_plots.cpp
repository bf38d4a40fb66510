// SPDX-License-Identifier: Apache-2.0
#include "views/paint/tensor_plots.h"

#include "views/models/text_format.h"

#include <QCoreApplication>
#include <QFontMetricsF>

#include <algorithm>
#include <cmath>

namespace sinkscope {
namespace {

constexpr std::size_t kSpectrumBars = 72;

QString translated(const char* text) { return QCoreApplication::translate("Views", text); }

/// Height of a bar on the axis: logarithms begin at a half, so that a single one shows.
double heightOf(const BarsContent& content, double count) {
    if (!content.logCounts)
        return count;
    return count > 0.5 ? std::log10(count / 0.5) : 0;
}

void paintMarks(QPainter& painter, const PlotAxes& axes, const BarsContent& content, const QFont& font, const Theme& theme) {
    const QFontMetricsF metrics(font, painter.device());
    double top = axes.area.top() + metrics.ascent() + 2;
    for (std::size_t i = 0; i < content.marks.size(); ++i) {
        const double x = axes.toX(content.marks[i]);
        if (x < axes.area.left() - 1 || x > axes.area.right() + 1)
            continue;
        painter.setPen(QPen(i == 0 ? theme.mutedText : theme.anchorText, 1, Qt::DashLine));
        painter.drawLine(QPointF(x, axes.area.top()), QPointF(x, axes.area.bottom()));
        if (content.markTexts[i].isEmpty())
            continue;
        const double width = metrics.horizontalAdvance(content.markTexts[i]);
        const bool isLeft = x + 6 + width > axes.area.right();
        paintBackedText(painter, QPointF(isLeft ? x - 6 - width : x + 6, top), content.markTexts[i], i == 0 ? theme.mutedText : theme.anchorText, theme);
        top += metrics.height();
    }
}

/// The law as steps of the same width as the bars.
void paintExpected(QPainter& painter, const PlotAxes& axes, const BarsContent& content, const Theme& theme) {
    QPolygonF line;
    for (std::size_t i = 0; i < content.expected.size(); ++i) {
        if (content.expected[i] < (content.logCounts ? 0.5 : 1e-3)) {
            painter.drawPolyline(line);
            line.clear();
            continue;
        }
        const double y = axes.toY(std::min(heightOf(content, content.expected[i]), axes.y.high));
        const double left = axes.toX(content.edges[i]), right = axes.toX(content.edges[i + 1]);
        line.append(QPointF((left + right) / 2, y));
    }
    painter.setPen(QPen(theme.anchorText, 1.6));
    painter.drawPolyline(line);
}

} // namespace

BarsContent barsOf(const TensorProfile& profile, bool logCounts) {
    BarsContent content;
    const TensorHistogram& histogram = profile.histogram;
    content.logCounts = logCounts;
    content.xTitle = translated("value");
    content.barTitle = translated("elements");
    if (histogram.counts.empty())
        return content;
    content.counts.assign(histogram.counts.begin(), histogram.counts.end());
    if (histogram.counts.size() == 1) { // all are equal: a bar needs some width
        const double half = std::max(std::abs(histogram.low) * 0.05, 1e-6);
        content.edges = {histogram.low - half, histogram.low + half};
        return content;
    }
    for (std::size_t bin = 0; bin <= histogram.counts.size(); ++bin)
        content.edges.push_back(histogram.edge(bin));
    content.marks = {0.0};
    content.markTexts = {QString()};
    const TensorStatistics& statistics = profile.statistics;
    if (statistics.deviation > 0) {
        content.expectedTitle = translated("normal distribution");
        const auto below = [&](double x) { return 0.5 * std::erfc((statistics.mean - x) / (statistics.deviation * std::sqrt(2.0))); };
        for (std::size_t bin = 0; bin < histogram.counts.size(); ++bin)
            content.expected.push_back(static_cast<double>(statistics.finite()) * (below(content.edges[bin + 1]) - below(content.edges[bin])));
    }
    return content;
}

BarsContent barsOf(const WeightSpectrum& spectrum, bool logCounts) {
    BarsContent content;
    content.logX = true;
    content.logCounts = logCounts;
    content.xTitle = translated("eigenvalue of WᵀW / N");
    content.barTitle = translated("eigenvalues");
    content.expectedTitle = translated("Marchenko–Pastur");
    const double highest = std::max(spectrum.eigenvalues.front(), spectrum.edge) * 1.15;
    double lowest = highest;
    for (const double value : spectrum.eigenvalues)
        if (value > 1e-9 * highest) // what is below is rounding
            lowest = std::min(lowest, value);
    lowest = std::max(lowest * 0.9, highest * 1e-7);
    for (std::size_t i = 0; i <= kSpectrumBars; ++i)
        content.edges.push_back(lowest * std::pow(highest / lowest, static_cast<double>(i) / kSpectrumBars));
    content.counts.assign(kSpectrumBars, 0.0);
    const double scale = kSpectrumBars / std::log(highest / lowest);
    for (const double value : spectrum.eigenvalues)
        if (value >= lowest)
            ++content.counts[static_cast<std::size_t>(std::clamp(std::log(value / lowest) * scale, 0.0, kSpectrumBars - 1.0))];
    for (std::size_t i = 0; i < kSpectrumBars; ++i)
        content.expected.push_back(static_cast<double>(spectrum.columns) * (spectrum.law.cumulative(content.edges[i + 1]) - spectrum.law.cumulative(content.edges[i])));
    content.marks = {spectrum.law.high(), spectrum.edge};
    content.markTexts = {translated("edge %1").arg(numberText(spectrum.law.high())), translated("99 % %1").arg(numberText(spectrum.edge))};
    return content;
}

PlotAxes layoutBars(const QRectF& area, const BarsContent& content, const QFont& font) {
    PlotAxes axes;
    axes.logX = content.logX;
    const double low = content.edges.empty() ? 0 : content.edges.front(), high = content.edges.empty() ? 1 : content.edges.back();
    axes.x = content.logX ? decadesWithin(low, high) : ticksWithin(low, high, std::max(3, static_cast<int>(area.width() / 90)));
    axes.x.low = low;
    axes.x.high = high;
    double most = 1;
    for (const std::vector<double>* values : {&content.counts, &content.expected})
        for (const double count : *values)
            most = std::max(most, count);
    if (content.logCounts) {
        axes.y = {0, heightOf(content, most) * 1.06, {}};
        const int decades = static_cast<int>(std::log10(most)), step = std::max(1, (decades + 4) / 5);
        for (int decade = 0; decade <= decades; decade += step)
            for (const int digit : {1, 2, 5})
                if (const double count = digit * std::pow(10.0, decade); (digit == 1 || decades <= 1) && count <= most)
                    axes.y.values.push_back(heightOf(content, count));
    } else {
        axes.y = niceTicks(0, most, 4);
    }
    const QFontMetricsF metrics(font);
    double width = 0;
    for (const double value : axes.y.values)
        width = std::max(width, metrics.horizontalAdvance(shortCount(static_cast<quint64>(std::llround(content.logCounts ? 0.5 * std::pow(10.0, value) : value)))));
    const double left = area.left() + width + 16, top = area.top() + metrics.height() + 12;
    axes.area = QRectF(left, top, std::max(20.0, area.right() - 14 - left), std::max(20.0, area.bottom() - xAxisHeight(font) - 2 - top));
    return axes;
}

void paintBars(QPainter& painter, const QRectF& area, const PlotAxes& axes, const BarsContent& content, const QFont& font, const Theme& theme) {
    painter.save();
    const QFontMetricsF metrics(font, painter.device());
    painter.setFont(font);
    paintGrid(painter, axes, false, theme);
    painter.setPen(theme.mutedText);
    for (const double value : axes.y.values) {
        const double count = content.logCounts ? 0.5 * std::pow(10.0, value) : value;
        painter.drawText(QRectF(area.left(), axes.toY(value) - metrics.height() / 2, axes.area.left() - area.left() - 6, metrics.height()), Qt::AlignRight | Qt::AlignVCenter,
                         shortCount(static_cast<quint64>(std::llround(count))));
    }
    paintXTicks(painter, axes, font, theme);
    paintXTitle(painter, axes, content.xTitle, font, theme);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(Qt::NoPen);
    for (std::size_t bar = 0; bar < content.counts.size(); ++bar) {
        const double left = axes.toX(content.edges[bar]), right = axes.toX(content.edges[bar + 1]), top = axes.toY(heightOf(content, content.counts[bar]));
        const double gap = std::min(1.0, (right - left) * 0.15);
        QColor color = theme.accent;
        if (static_cast<int>(bar) != content.hovered)
            color.setAlphaF(theme.isDark ? 0.75F : 0.8F);
        painter.fillRect(QRectF(QPointF(left, top), QPointF(std::max(right - gap, left + 0.6), axes.area.bottom())), color);
    }
    painter.save();
    painter.setClipRect(axes.area.adjusted(-1, -1, 1, 0));
    painter.setPen(QPen(theme.anchorText, 1.6));
    paintExpected(painter, axes, content, theme);
    paintMarks(painter, axes, content, font, theme);
    painter.restore();
    std::vector<LegendEntry> legend{{LegendEntry::Mark::Bar, theme.accent, content.barTitle}};
    if (!content.expected.empty())
        legend.push_back({LegendEntry::Mark::Line, theme.anchorText, content.expectedTitle});
    paintLegend(painter, QRectF(axes.area.left(), area.top() + 3, axes.area.width(), metrics.height() + 4), legend, font, theme);
    painter.restore();
}

int barAt(const PlotAxes& axes, const BarsContent& content, QPointF position) {
    if (content.counts.empty() || !axes.area.adjusted(0, -4, 0, 8).contains(position))
        return -1;
    const double value = axes.fromX(position.x());
    const auto above = std::upper_bound(content.edges.begin(), content.edges.end(), value);
    return std::clamp(static_cast<int>(above - content.edges.begin()) - 1, 0, static_cast<int>(content.counts.size()) - 1);
}

} // namespace sinkscope
