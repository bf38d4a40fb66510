// SPDX-License-Identifier: Apache-2.0
#include "views/charts/depth_chart.h"

#include "views/models/frame_kind.h"

#include <QAreaSeries>
#include <QCoreApplication>
#include <QLineSeries>
#include <QValueAxis>

#include <algorithm>
#include <cmath>
#include <limits>

namespace sinkscope {
namespace {

bool isShare(const MetricSpec& metric) {
    return metric.high > metric.low && metric.low >= 0 && metric.high <= 1;
}

QString titleOf(const MetricSpec& metric) {
    return QString::fromUtf8(metric.title.data(), static_cast<qsizetype>(metric.title.size()));
}

std::optional<ValueTicks> ticksOf(const std::vector<DepthLine>& lines, int most) {
    double low = std::numeric_limits<double>::infinity(), high = -low;
    bool shares = true;
    for (const DepthLine& line : lines) {
        shares = shares && isShare(*line.metric);
        for (const auto& value : line.layers)
            if (value) {
                low = std::min({low, value->value, value->low});
                high = std::max({high, value->value, value->high});
            }
    }
    if (high < low)
        return std::nullopt;
    if (shares)
        return niceTicks(0, 1, most);
    if (low > 0 && low < 0.5 * high)
        low = 0; // near enough that the whole length should be seen
    return niceTicks(low, high > low ? high : low + std::max(std::abs(low) * 0.1, 1e-6), most);
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
    for (int head = 0; metric.evaluate && head < statistics.heads; ++head)
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

std::vector<std::vector<DepthLine>> depthGroups(std::vector<DepthLine> lines) {
    std::vector<std::vector<DepthLine>> groups;
    std::optional<std::size_t> shares;
    for (std::size_t i = 0; i < lines.size(); ++i) {
        lines[i].color = static_cast<int>(i);
        const bool isOne = isShare(*lines[i].metric);
        if (isOne && shares) {
            groups[*shares].push_back(std::move(lines[i]));
            continue;
        }
        if (isOne)
            shares = groups.size();
        groups.emplace_back();
        groups.back().push_back(std::move(lines[i]));
    }
    return groups;
}

std::vector<QRectF> depthPlaces(std::size_t count, const QRectF& area, double least) {
    std::vector<QRectF> places;
    if (count == 0)
        return places;
    const auto most = static_cast<std::size_t>(std::clamp(area.width() / least, 1.0, 4.0));
    const std::size_t rows = (count + most - 1) / most, columns = (count + rows - 1) / rows;
    const double width = area.width() / static_cast<double>(columns), height = area.height() / static_cast<double>(rows);
    for (std::size_t i = 0; i < count; ++i)
        places.emplace_back(area.left() + static_cast<double>(i % columns) * width, area.top() + static_cast<double>(i / columns) * height, width, height);
    return places;
}

namespace {

constexpr double kRight = 14; ///< of the plot to the edge

std::vector<LegendEntry> legendOf(const std::vector<DepthLine>& lines, const Theme* theme) {
    std::vector<LegendEntry> legend;
    for (const DepthLine& line : lines)
        legend.push_back({LegendEntry::Mark::Line, theme ? theme->categories[static_cast<std::size_t>(line.color) % theme->categories.size()] : QColor(),
                          titleOf(*line.metric)});
    return legend;
}

double legendBottom(const std::vector<QRectF>& places) { return (places.empty() ? 0 : places.back().bottom()) + 6; }

/// Below the plot: names of layers, and the strip of kinds.
double footHeight(double row, bool hasKinds) { return row + (hasKinds ? row + 4 : 0) + 10; }

} // namespace

double leastDepthHeight(const std::vector<DepthLine>& lines, double width, const QFont& font) {
    const double row = QFontMetricsF(font).height();
    return legendBottom(legendRows(legendOf(lines, nullptr), QPointF(40, 4), width - 40 - kRight, font)) + footHeight(row, true) + 3.5 * row;
}

DepthChart makeDepthChart(const std::vector<DepthLine>& lines, int layers, std::vector<std::string> kinds, QSizeF size, const Theme& theme,
                          const QFont& font) {
    DepthChart result;
    result.layers = layers;
    result.kinds = std::move(kinds);
    result.chart = std::make_unique<QChart>();
    result.legend = legendOf(lines, &theme);
    QChart& chart = *result.chart;
    auto* depth = new QValueAxis;
    depth->setRange(-0.3, std::max(layers - 1, 0) + 0.3);
    depth->setGridLineVisible(false);
    chart.addAxis(depth, Qt::AlignBottom);
    const double row = QFontMetricsF(font).height(), foot = footHeight(row, !result.kinds.empty());
    // The numbers beside the plot narrow the legend, whose rows lower the plot, which decides how many numbers fit: a guess breaks the circle.
    const double guess = size.height() - foot - legendBottom(legendRows(result.legend, QPointF(40, 4), size.width() - 40 - kRight, font));
    QValueAxis* values = nullptr;
    if (const auto ticks = ticksOf(lines, std::clamp(static_cast<int>(guess / (1.3 * row)), 2, 5))) {
        result.ticks = *ticks;
        result.hasTicks = true;
        values = new QValueAxis;
        values->setRange(ticks->low, ticks->high);
        values->setTickCount(static_cast<int>(ticks->values.size()));
        chart.addAxis(values, Qt::AlignLeft);
    }
    for (std::size_t i = 0; values && i < lines.size(); ++i)
        addLine(chart, lines[i], result.legend[i].color, depth, values);
    const double left = result.hasTicks ? valueTickWidth(result.ticks, font) + 16 : 16;
    result.legendPlaces = legendRows(result.legend, QPointF(left, 4), size.width() - left - kRight, font);
    stripChart(chart, theme, QMargins(static_cast<int>(left), static_cast<int>(legendBottom(result.legendPlaces)), static_cast<int>(kRight), static_cast<int>(foot)));
    return result;
}

namespace {

/// Kind of frame of every layer, as a colour and a letter.
void paintKinds(QPainter& painter, const QRectF& strip, const DepthChart& chart, double step, const QFont& font, const Theme& theme) {
    const QFontMetricsF metrics(font);
    for (int layer = 0; layer < std::min(chart.layers, static_cast<int>(chart.kinds.size())); ++layer) {
        const std::string& kind = chart.kinds[static_cast<std::size_t>(layer)];
        if (kind.empty())
            continue;
        const QRectF cell(strip.left() + (layer - 0.2) * step, strip.top(), step, strip.height());
        const QColor fill = kindColor(kind, theme);
        const QRectF box = cell.intersected(strip).adjusted(0.5, 0, -0.5, 0);
        painter.fillRect(box, fill);
        const QString letter = kindLetter(kind);
        if (box.width() < metrics.horizontalAdvance(letter) + 2)
            continue;
        painter.setPen(contrastRatio(fill, Qt::white) > contrastRatio(fill, Qt::black) ? Qt::white : Qt::black);
        painter.drawText(box, Qt::AlignCenter, letter);
    }
}

} // namespace

void paintDepthChart(QPainter& painter, const QRectF& plot, const DepthChart& chart, const QFont& font, const Theme& theme) {
    for (std::size_t i = 0; i < chart.legend.size(); ++i)
        paintLegendEntry(painter, chart.legendPlaces[i], chart.legend[i], font, theme);
    if (chart.layers <= 0)
        return;
    const double step = plot.width() / (std::max(chart.layers - 1, 0) + 0.6);
    const auto xOf = [&](int layer) { return plot.left() + (layer + 0.3) * step; };
    if (chart.selected >= 0 && chart.selected < chart.layers) {
        painter.setPen(QPen(theme.focusFrame, 1.2));
        painter.drawLine(QPointF(xOf(chart.selected), plot.top()), QPointF(xOf(chart.selected), plot.bottom()));
    }
    if (chart.hasTicks)
        paintValueTicks(painter, plot, chart.ticks, true, font, theme);
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
    if (!chart.kinds.empty())
        paintKinds(painter, QRectF(plot.left(), plot.bottom() + metrics.height() + 8, plot.width(), metrics.height()), chart, step, font, theme);
    painter.restore();
}

} // namespace sinkscope
