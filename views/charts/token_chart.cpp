// SPDX-License-Identifier: Apache-2.0
#include "views/charts/token_chart.h"

#include <QBarSet>
#include <QCoreApplication>
#include <QGraphicsLayout>
#include <QLegend>
#include <QLineSeries>
#include <QStackedBarSeries>
#include <QValueAxis>

#include <algorithm>

namespace sinkscope {
namespace {

/// More tokens than this are drawn as a line: bars would be thinner than a pixel.
constexpr int kMostBars = 160;

void addBars(QChart& chart, const LayerStatistics& statistics, int head, const std::vector<int>& sinks, const Theme& theme) {
    auto* series = new QStackedBarSeries;
    auto* others = new QBarSet(QCoreApplication::translate("Charts", "received attention"));
    auto* anchors = new QBarSet(QCoreApplication::translate("Charts", "sink"));
    for (int key = 0; key < statistics.tokens; ++key) {
        const bool isSink = std::ranges::binary_search(sinks, key);
        const double value = statistics.received(head, key);
        others->append(isSink ? 0 : value);
        anchors->append(isSink ? value : 0);
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

void addLine(QChart& chart, const LayerStatistics& statistics, int head, const Theme& theme) {
    auto* series = new QLineSeries;
    series->setName(QCoreApplication::translate("Charts", "received attention"));
    QList<QPointF> points;
    for (int key = 0; key < statistics.tokens; ++key)
        points.append({static_cast<double>(key), statistics.received(head, key)});
    series->replace(points);
    series->setPen(QPen(theme.accent, 1.4));
    chart.addSeries(series);
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

void styleChart(QChart& chart, const Theme& theme, const QFont& font) {
    chart.setBackgroundVisible(false);
    chart.setPlotAreaBackgroundVisible(false);
    chart.layout()->setContentsMargins(0, 0, 0, 0);
    chart.legend()->setFont(font);
    chart.legend()->setLabelColor(theme.mutedText);
    chart.legend()->setMarkerShape(QLegend::MarkerShapeFromSeries);
    const auto axes = chart.axes();
    for (QAbstractAxis* axis : axes) {
        axis->setLabelsFont(font);
        axis->setTitleFont(font);
        axis->setLabelsColor(theme.mutedText);
        axis->setTitleBrush(theme.mutedText);
        axis->setGridLineColor(theme.grid);
        axis->setLinePenColor(theme.border);
    }
}

std::unique_ptr<QChart> makeReceivedChart(const LayerStatistics& statistics, int head, const std::vector<int>& sinks, int labelSpace,
                                          const Theme& theme, const QFont& font) {
    auto chart = std::make_unique<QChart>();
    if (statistics.tokens <= kMostBars)
        addBars(*chart, statistics, head, sinks, theme);
    else
        addLine(*chart, statistics, head, theme);
    auto* uniform = new QLineSeries;
    uniform->setName(QCoreApplication::translate("Charts", "uniform attention"));
    QList<QPointF> points;
    double highest = 0, below = 0;
    for (int key = statistics.tokens - 1; key >= 0; --key) { // a running sum: the formula of uniformReceived for all keys at once
        below += 1.0 / (key + 1);
        const double value = statistics.causal ? below / statistics.eligible(key) : 1.0 / statistics.tokens;
        points.prepend({static_cast<double>(key), value});
        highest = std::max({highest, value, static_cast<double>(statistics.received(head, key))});
    }
    uniform->replace(points);
    uniform->setPen(QPen(theme.mutedText, 1.3, Qt::DashLine));
    chart->addSeries(uniform);

    auto* keys = new QValueAxis;
    keys->setRange(-0.5, statistics.tokens - 0.5);
    keys->setLabelsVisible(false);
    keys->setGridLineVisible(false);
    keys->setTickCount(2);
    auto* values = new QValueAxis;
    values->setRange(0, std::max(highest, 1e-3));
    values->applyNiceNumbers();
    values->setLabelFormat(QStringLiteral("%.2f"));
    chart->addAxis(keys, Qt::AlignBottom);
    chart->addAxis(values, Qt::AlignLeft);
    const auto all = chart->series();
    for (QAbstractSeries* series : all) {
        series->attachAxis(keys);
        series->attachAxis(values);
    }
    styleChart(*chart, theme, font);
    chart->legend()->setAlignment(Qt::AlignTop);
    chart->setMargins(QMargins(0, 0, 4, labelSpace));
    return chart;
}

void paintTokenChartLabels(QPainter& painter, const QRectF& plot, const TokenLabels& labels, double space, const QFont& font,
                           const Theme& theme) {
    const int tokens = static_cast<int>(labels.text.size());
    if (tokens == 0)
        return;
    AxisPlacement placement;
    placement.first = plot.left();
    placement.last = plot.right();
    placement.step = plot.width() / tokens;
    placement.positionOf = [plot, tokens](int token) { return plot.left() + (token + 0.5) * plot.width() / tokens; };
    placement.lastToken = tokens - 1;
    paintBottomLabels(painter, labels, placement, plot.bottom() + 3, space, font, theme);
}

} // namespace sinkscope
