// SPDX-License-Identifier: Apache-2.0
#include "views/charts/token_chart.h"

#include <QBarSet>
#include <QCoreApplication>
#include <QLineSeries>
#include <QScatterSeries>
#include <QStackedBarSeries>
#include <QValueAxis>

#include <algorithm>
#include <cmath>

namespace sinkscope {
namespace {

/// More tokens than this are drawn as a line: bars would be thinner than a few pixels.
constexpr int kMostBars = 160;

void addBars(QChart& chart, const LayerStatistics& statistics, int head, const TokenLabels& labels, const Theme& theme) {
    auto* series = new QStackedBarSeries;
    auto* others = new QBarSet(QString());
    auto* anchors = new QBarSet(QString());
    for (int key = 0; key < statistics.tokens; ++key) {
        const double value = statistics.received(head, key);
        others->append(labels.isAnchor(key) ? 0 : value);
        anchors->append(labels.isAnchor(key) ? value : 0);
    }
    others->setBrush(theme.accent);
    anchors->setBrush(theme.anchor);
    others->setPen(Qt::NoPen);
    anchors->setPen(Qt::NoPen);
    series->append(others);
    series->append(anchors);
    series->setBarWidth(0.72);
    chart.addSeries(series);
}

void addLine(QChart& chart, const LayerStatistics& statistics, int head, const TokenLabels& labels, const Theme& theme) {
    auto* series = new QLineSeries;
    auto* anchors = new QScatterSeries;
    QList<QPointF> points, marked;
    for (int key = 0; key < statistics.tokens; ++key) {
        points.append({static_cast<double>(key), statistics.received(head, key)});
        if (labels.isAnchor(key))
            marked.append(points.last());
    }
    series->replace(points);
    series->setPen(QPen(theme.accent, 1.4));
    chart.addSeries(series);
    anchors->replace(marked);
    anchors->setMarkerSize(9);
    anchors->setBrush(theme.anchor);
    anchors->setPen(QPen(theme.onAnchor, 1));
    chart.addSeries(anchors);
}

/// uniformReceived for all keys at once, as a running sum.
QList<QPointF> uniformLine(const LayerStatistics& statistics) {
    QList<QPointF> points(statistics.tokens);
    double below = 0;
    for (int key = statistics.tokens - 1; key >= 0; --key) {
        below += 1.0 / (key + 1);
        points[key] = {static_cast<double>(key), statistics.causal ? below / statistics.eligible(key) : 1.0 / statistics.tokens};
    }
    return points;
}

} // namespace

double uniformReceived(const LayerStatistics& statistics, int key) {
    if (!statistics.causal)
        return 1.0 / statistics.tokens;
    double sum = 0;
    for (int query = key; query < statistics.tokens; ++query)
        sum += 1.0 / (query + 1);
    return sum / statistics.eligible(key);
}

TokenChart makeTokenChart(const LayerStatistics& statistics, int head, TokenLabels labels, bool cutSinks, const Theme& theme, const QFont& font) {
    TokenChart result;
    result.chart = std::make_unique<QChart>();
    QChart& chart = *result.chart;
    const bool areBars = statistics.tokens <= kMostBars;
    if (areBars)
        addBars(chart, statistics, head, labels, theme);
    else
        addLine(chart, statistics, head, labels, theme);
    auto* uniform = new QLineSeries;
    uniform->replace(uniformLine(statistics));
    QPen dashes(theme.mutedText, 1.3, Qt::SolidLine, Qt::FlatCap);
    dashes.setDashPattern({3.0, 2.2});
    uniform->setPen(dashes);
    chart.addSeries(uniform);

    double highest = 0;
    for (int key = 0; key < statistics.tokens; ++key)
        if (!cutSinks || !labels.isAnchor(key))
            highest = std::max({highest, uniform->at(key).y(), static_cast<double>(statistics.received(head, key))});
    result.ticks = niceTicks(0, std::max(highest, 1e-3), 5);
    auto* keys = new QValueAxis;
    keys->setRange(-0.5, statistics.tokens - 0.5);
    keys->setGridLineVisible(false);
    auto* values = new QValueAxis;
    values->setRange(result.ticks.low, result.ticks.high);
    values->setTickCount(static_cast<int>(result.ticks.values.size()));
    chart.addAxis(keys, Qt::AlignBottom);
    chart.addAxis(values, Qt::AlignLeft);
    const auto all = chart.series();
    for (QAbstractSeries* series : all) {
        series->attachAxis(keys);
        series->attachAxis(values);
    }
    const auto mark = areBars ? LegendEntry::Mark::Bar : LegendEntry::Mark::Line;
    const auto translated = [](const char* text) { return QCoreApplication::translate("Charts", text); };
    result.legend = {{mark, theme.accent, translated("received")},
                     {LegendEntry::Mark::Bar, theme.anchor, translated("received by a sink")},
                     {LegendEntry::Mark::Dashes, theme.mutedText, translated("uniform attention")}};
    result.labels = std::move(labels);
    result.labelLength = longestLabel(result.labels, font, nullptr, 68);
    const double angle = kLabelAngle * M_PI / 180;
    const double line = QFontMetricsF(font).height();
    stripChart(chart, theme, QMargins(static_cast<int>(valueTickWidth(result.ticks, font)) + 16, static_cast<int>(line) + 12, 14,
                                      static_cast<int>(result.labelLength * std::sin(angle) + line * 0.6) + 8));
    return result;
}

void paintTokenChart(QPainter& painter, const QRectF& plot, double top, const TokenChart& chart, const QFont& font, const Theme& theme) {
    const int tokens = static_cast<int>(chart.labels.text.size());
    if (tokens == 0)
        return;
    const double step = plot.width() / tokens;
    if (chart.labels.selected >= 0 && chart.labels.selected < tokens) {
        QColor fill = theme.accent;
        fill.setAlphaF(0.12F);
        painter.fillRect(QRectF(plot.left() + chart.labels.selected * step, plot.top(), step, plot.height()), fill);
    }
    for (const int token : chart.labels.marked) { // a bracket under each: it stays seen below a bar of any height
        if (token >= tokens)
            continue;
        QColor fill = theme.accent;
        fill.setAlphaF(0.1F);
        painter.fillRect(QRectF(plot.left() + token * step, plot.top(), step, plot.height()), fill);
        painter.fillRect(QRectF(plot.left() + token * step, plot.bottom() + 1, std::max(1.5, step * 0.9), 3), theme.accent);
    }
    paintValueTicks(painter, plot, chart.ticks, true, font, theme);
    AxisPlacement placement;
    placement.first = plot.left();
    placement.last = plot.right();
    placement.step = step;
    placement.positionOf = [plot, step](int token) { return plot.left() + (token + 0.5) * step; };
    placement.lastToken = tokens - 1;
    paintBottomLabels(painter, chart.labels, placement, plot.bottom() + 7, chart.labelLength, font, theme);
    const double line = QFontMetricsF(font).height();
    paintLegend(painter, QRectF(plot.left(), top + 3, plot.width(), line + 4), chart.legend, font, theme);
}

} // namespace sinkscope
