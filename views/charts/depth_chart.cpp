// SPDX-License-Identifier: Apache-2.0
#include "views/charts/depth_chart.h"

#include <QAreaSeries>
#include <QCoreApplication>
#include <QLineSeries>
#include <QValueAxis>

#include <algorithm>
#include <cmath>

namespace sinkscope {
namespace {

bool isShare(const MetricSpec& metric) {
    return metric.high > metric.low && metric.low >= 0 && metric.high <= 1;
}

QString titleOf(const MetricSpec& metric) {
    return QString::fromUtf8(metric.title.data(), static_cast<qsizetype>(metric.title.size()));
}

std::optional<ValueTicks> ticksOf(const std::vector<DepthLine>& lines, bool shares) {
    double low = 0, high = 0;
    bool any = false;
    for (const DepthLine& line : lines)
        for (const auto& value : line.layers)
            if (value && isShare(*line.metric) == shares) {
                any = true;
                low = std::min({low, value->value, value->low});
                high = std::max({high, value->value, value->high});
            }
    if (!any)
        return std::nullopt;
    return shares ? niceTicks(0, 1, 5) : niceTicks(low, std::max(high, low + 1e-6), 5);
}

void attach(QChart& chart, QAbstractSeries* series, QAbstractAxis* layers, QAbstractAxis* values) {
    chart.addSeries(series);
    series->attachAxis(layers);
    series->attachAxis(values);
}

/// Runs of layers without a gap; a missing layer breaks the line instead of being bridged.
std::vector<std::pair<int, int>> runsOf(const DepthLine& line) {
    std::vector<std::pair<int, int>> runs;
    for (int layer = 0; layer < static_cast<int>(line.layers.size()); ++layer) {
        if (!line.layers[static_cast<std::size_t>(layer)])
            continue;
        if (!runs.empty() && runs.back().second == layer - 1)
            runs.back().second = layer;
        else
            runs.emplace_back(layer, layer);
    }
    return runs;
}

void addLine(QChart& chart, const DepthLine& line, const QColor& color, QAbstractAxis* layers, QAbstractAxis* values) {
    for (const auto& [first, last] : runsOf(line)) {
        auto* mean = new QLineSeries;
        auto* low = new QLineSeries;
        auto* high = new QLineSeries;
        bool hasInterval = false;
        for (int layer = first; layer <= last; ++layer) {
            const Estimate& estimate = *line.layers[static_cast<std::size_t>(layer)];
            mean->append(layer, estimate.value);
            low->append(layer, estimate.low);
            high->append(layer, estimate.high);
            hasInterval = hasInterval || estimate.high > estimate.low;
        }
        if (hasInterval && last > first) {
            auto* band = new QAreaSeries(high, low); // takes both as children only when they have no parent of their own
            low->setParent(band);
            high->setParent(band);
            QColor fill = color;
            fill.setAlphaF(0.16F);
            band->setBrush(fill);
            band->setPen(Qt::NoPen);
            attach(chart, band, layers, values);
        } else {
            delete low;
            delete high;
        }
        mean->setPen(QPen(color, 2.0, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
        mean->setPointsVisible(line.layers.size() <= 64);
        mean->setMarkerSize(6);
        attach(chart, mean, layers, values);
    }
}

} // namespace

std::optional<double> meanOverHeads(const MetricSpec& metric, const SampleTokens& tokens, const LayerStatistics& statistics,
                                    const MetricParameters& parameters) {
    double sum = 0;
    int count = 0;
    for (int head = 0; head < statistics.heads; ++head)
        if (const auto value = metric.evaluate({tokens, statistics, head}, parameters); value && std::isfinite(*value)) {
            sum += *value;
            ++count;
        }
    return count > 0 ? std::optional(sum / count) : std::nullopt;
}

std::vector<const MetricSpec*> defaultDepthMetrics() {
    std::vector<const MetricSpec*> chosen;
    for (const char* id : {"received_first", "sink_mass", "previous_token", "row_entropy_share"})
        if (const MetricSpec* metric = findMetric(id))
            chosen.push_back(metric);
    if (chosen.empty() && !metrics().empty())
        chosen.push_back(metrics().front());
    return chosen;
}

DepthChart makeDepthChart(const std::vector<DepthLine>& lines, int layers, const Theme& theme, const QFont& font) {
    DepthChart result;
    result.layers = layers;
    result.chart = std::make_unique<QChart>();
    QChart& chart = *result.chart;
    auto* depth = new QValueAxis;
    depth->setRange(-0.3, std::max(layers - 1, 0) + 0.3);
    depth->setGridLineVisible(false);
    chart.addAxis(depth, Qt::AlignBottom);
    QValueAxis* sides[2] = {nullptr, nullptr};
    const auto addSide = [&](int side, const ValueTicks& ticks) {
        sides[side] = new QValueAxis;
        sides[side]->setRange(ticks.low, ticks.high);
        sides[side]->setTickCount(static_cast<int>(ticks.values.size()));
        sides[side]->setGridLineVisible(side == 0 || !result.hasLeft);
        chart.addAxis(sides[side], side == 0 ? Qt::AlignLeft : Qt::AlignRight);
    };
    if (const auto ticks = ticksOf(lines, true)) {
        result.left = *ticks;
        result.hasLeft = true;
        addSide(0, *ticks);
    }
    if (const auto ticks = ticksOf(lines, false)) {
        result.right = *ticks;
        result.hasRight = true;
        addSide(1, *ticks);
    }
    for (std::size_t i = 0; i < lines.size(); ++i) {
        const QColor color = theme.categories[i % theme.categories.size()];
        const int side = isShare(*lines[i].metric) ? 0 : 1;
        if (sides[side])
            addLine(chart, lines[i], color, depth, sides[side]);
        const QString title = titleOf(*lines[i].metric);
        const QString named = side == 1 && result.hasLeft ? QCoreApplication::translate("Charts", "%1 (right scale)").arg(title) : title;
        result.legend.push_back({LegendEntry::Mark::Line, color, named});
    }
    const double line = QFontMetricsF(font).height();
    stripChart(chart, theme, QMargins(result.hasLeft ? static_cast<int>(valueTickWidth(result.left, font)) + 16 : 16, static_cast<int>(line) + 12,
                                      result.hasRight ? static_cast<int>(valueTickWidth(result.right, font)) + 16 : 14, static_cast<int>(line) + 10));
    return result;
}

void paintDepthChart(QPainter& painter, const QRectF& plot, double top, const DepthChart& chart, const QFont& font, const Theme& theme) {
    if (chart.layers <= 0)
        return;
    const double step = plot.width() / (std::max(chart.layers - 1, 0) + 0.6);
    const auto xOf = [&](int layer) { return plot.left() + (layer + 0.3) * step; };
    const double line = QFontMetricsF(font).height();
    if (chart.selected >= 0 && chart.selected < chart.layers) {
        painter.setPen(QPen(theme.focusFrame, 1.2));
        painter.drawLine(QPointF(xOf(chart.selected), plot.top()), QPointF(xOf(chart.selected), plot.bottom()));
    }
    if (chart.hasLeft)
        paintValueTicks(painter, plot, chart.left, true, font, theme);
    if (chart.hasRight)
        paintValueTicks(painter, plot, chart.right, false, font, theme);
    painter.save();
    painter.setFont(font);
    const QFontMetricsF metrics(font);
    int every = 1;
    for (const int wanted : {1, 2, 4, 5, 10, 20, 50, 100})
        if (every = wanted; wanted * step >= metrics.horizontalAdvance(QStringLiteral("L000")))
            break;
    for (int layer = 0; layer < chart.layers; layer += every) {
        const QString text = QStringLiteral("L%1").arg(layer);
        painter.setPen(layer == chart.selected ? theme.text : theme.mutedText);
        painter.drawText(QPointF(xOf(layer) - metrics.horizontalAdvance(text) / 2, plot.bottom() + 5 + metrics.ascent()), text);
    }
    painter.restore();
    paintLegend(painter, QRectF(plot.left(), top + 3, plot.width(), line + 4), chart.legend, font, theme);
}

} // namespace sinkscope
