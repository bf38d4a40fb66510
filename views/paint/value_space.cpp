// SPDX-License-Identifier: Apache-2.0
#include "views/paint/value_space.h"

#include "views/models/text_format.h"
#include "views/vtk/scene_overlay.h"

#include <QCoreApplication>
#include <QFontMetricsF>

#include <algorithm>
#include <cmath>

namespace sinkscope {
namespace {

constexpr double kGap = 12, kMargin = 12;
constexpr int kMostBars = 200;   ///< more tokens become a line
constexpr double kNear = 10;

QString translated(const char* text) { return QCoreApplication::translate("ValueSpace", text); }

bool isCosine(TokenQuantity quantity) { return quantity == TokenQuantity::MeanCosine || quantity == TokenQuantity::OutputCosine; }

double highestOf(const std::vector<double>& values) {
    double highest = 0;
    for (const double value : values)
        if (std::isfinite(value))
            highest = std::max(highest, value);
    return highest > 0 ? highest : 1.0;
}

double lowestOf(const std::vector<double>& values) {
    double lowest = 0;
    for (const double value : values)
        if (std::isfinite(value))
            lowest = std::min(lowest, value);
    return lowest;
}

ValueTicks ticksOf(const ValueSpace& space, TokenQuantity quantity) {
    if (isCosine(quantity))
        return {-1, 1, {-1, 0, 1}};
    const ValueTicks nice = niceTicks(0, highestOf(space.row(quantity)), 6);
    return {nice.low, nice.high, {nice.low, nice.high}};
}

bool isBroad(const QRectF& area) { return area.width() > 1.45 * area.height() && area.width() >= 680; }

double labelLengthFor(const ValueSpaceContent& content, const QFont& font) { return longestLabel(content.labels, font, nullptr, 60); }

double labelHeight(double length, const QFont& font) {
    return length * std::sin(kLabelAngle * M_PI / 180) + QFontMetricsF(font).height() * 0.6 + 6;
}

int columnsFor(double width) { return width >= 640 ? 2 : 1; }

double numbersHeight(double width, std::size_t count, const QFont& font) {
    const auto rows = std::ceil(static_cast<double>(count) / columnsFor(width));
    return rows * QFontMetricsF(font).height() * 1.3;
}

void layoutRows(ValueSpaceLayout& layout, const QRectF& area, const ValueSpaceContent& content, const QFont& font) {
    const ValueSpace& space = *content.space;
    std::vector<TokenQuantity> shown;
    for (std::size_t i = 0; i < kTokenQuantities; ++i)
        if (!space.of[i].empty())
            shown.push_back(static_cast<TokenQuantity>(i));
    double left = 0;
    for (const TokenQuantity quantity : shown)
        left = std::max(left, valueTickWidth(ticksOf(space, quantity), font));
    left += area.left() + 10;
    layout.labelLength = labelLengthFor(content, font);
    const double line = QFontMetricsF(font).height(), bottom = area.bottom() - labelHeight(layout.labelLength, font);
    const double pitch = (bottom - area.top()) / static_cast<double>(std::max<std::size_t>(1, shown.size()));
    double top = area.top();
    for (const TokenQuantity quantity : shown) {
        ValueSpaceLayout::Row row{quantity, QRectF(left, top, area.right() - left, line), {}};
        row.axes.x = {-0.5, space.tokens - 0.5, {}};
        row.axes.y = ticksOf(space, quantity);
        row.axes.area = QRectF(left, top + line + 2, area.right() - left, std::max(6.0, pitch - line - 8));
        layout.rows.push_back(row);
        top += pitch;
    }
}

PlotAxes scatterAxes(const QRectF& area, const std::vector<double>& x, const std::vector<double>& y, const QFont& font) {
    PlotAxes axes;
    axes.x = niceTicks(0, highestOf(x), 4);
    axes.y = niceTicks(lowestOf(y), highestOf(y), 4);
    const double left = area.left() + valueTickWidth(axes.y, font) + 10, top = area.top() + QFontMetricsF(font).height() + 8;
    axes.area = QRectF(left, top, std::max(10.0, area.right() - left - 6), std::max(10.0, area.bottom() - xAxisHeight(font) - top));
    return axes;
}

void layoutScatters(ValueSpaceLayout& layout, const QRectF& area, const ValueSpace& space, const QFont& font) {
    const double width = (area.width() - kGap) / 2;
    layout.norm = scatterAxes(QRectF(area.left(), area.top(), width, area.height()), space.row(TokenQuantity::Received), space.row(TokenQuantity::ValueNorm), font);
    layout.influence = scatterAxes(QRectF(area.left() + width + kGap, area.top(), width, area.height()), space.attention, space.influence, font);
}

void layoutNumbers(ValueSpaceLayout& layout, const QRectF& area, std::size_t count, const QFont& font) {
    const int columns = columnsFor(area.width());
    const double width = (area.width() - (columns - 1) * 2 * kGap) / columns, height = QFontMetricsF(font).height() * 1.3;
    for (std::size_t i = 0; i < count; ++i)
        layout.numbers.emplace_back(area.left() + static_cast<double>(static_cast<int>(i) % columns) * (width + 2 * kGap),
                                    area.top() + static_cast<double>(static_cast<int>(i) / columns) * height, width, height);
}

QColor barColor(const ValueSpaceContent& content, int token, const Theme& theme) { return content.labels.isAnchor(token) ? theme.anchor : theme.accent; }

void paintBars(QPainter& painter, const PlotAxes& axes, const std::vector<double>& values, const ValueSpaceContent& content, const Theme& theme) {
    const double step = axes.area.width() / std::max(1, content.space->tokens), zero = axes.toY(0);
    if (content.space->tokens > kMostBars) {
        QPolygonF line;
        for (std::size_t token = 0; token < values.size(); ++token)
            if (std::isfinite(values[token]))
                line.append({axes.toX(static_cast<double>(token)), axes.toY(values[token])});
        painter.setBrush(Qt::NoBrush);
        painter.setPen(QPen(theme.accent, 1.2));
        painter.drawPolyline(line);
    }
    painter.setPen(Qt::NoPen);
    for (std::size_t token = 0; token < values.size(); ++token) {
        const auto index = static_cast<int>(token);
        if (!std::isfinite(values[token]) || (content.space->tokens > kMostBars && !content.labels.isAnchor(index)))
            continue;
        const double y = axes.toY(values[token]), width = std::max(1.2, step * 0.72);
        painter.setBrush(barColor(content, index, theme));
        painter.drawRect(QRectF(axes.toX(static_cast<double>(token)) - width / 2, std::min(y, zero), width, std::max(0.6, std::abs(y - zero))));
    }
}

void paintRow(QPainter& painter, const ValueSpaceLayout::Row& row, const ValueSpaceContent& content, const QFont& font, const Theme& theme) {
    const std::vector<double>& values = content.space->row(row.quantity);
    const QFontMetricsF metrics(font, painter.device());
    const double step = row.axes.area.width() / std::max(1, content.space->tokens);
    for (const auto& [token, strength] : {std::pair(content.labels.selected, 0.14F), std::pair(content.hovered, 0.08F)})
        if (token >= 0 && token < content.space->tokens) {
            QColor fill = theme.accent;
            fill.setAlphaF(strength);
            painter.fillRect(QRectF(row.axes.toX(token) - step / 2, row.axes.area.top(), step, row.axes.area.height()), fill);
        }
    paintGrid(painter, row.axes, false, theme);
    paintValueTicks(painter, row.axes.area, row.axes.y, true, font, theme);
    paintBars(painter, row.axes, values, content, theme);
    painter.setFont(font);
    painter.setPen(theme.text);
    painter.drawText(QPointF(row.title.left(), row.title.top() + metrics.ascent()), metrics.elidedText(titleOf(row.quantity), Qt::ElideRight, row.title.width() * 0.75));
    const int token = content.hovered >= 0 ? content.hovered : content.labels.selected;
    if (token < 0 || token >= static_cast<int>(values.size()) || !std::isfinite(values[static_cast<std::size_t>(token)]))
        return;
    const QString text = numberText(values[static_cast<std::size_t>(token)]);
    painter.setPen(content.labels.isAnchor(token) ? theme.anchorText : theme.mutedText);
    painter.drawText(QPointF(row.title.right() - metrics.horizontalAdvance(text), row.title.top() + metrics.ascent()), text);
}

struct Scatter {
    const PlotAxes& axes;
    const std::vector<double>& x;
    const std::vector<double>& y;
    [[nodiscard]] QPointF at(int token) const {
        return {axes.toX(x[static_cast<std::size_t>(token)]), axes.toY(y[static_cast<std::size_t>(token)])};
    }
    [[nodiscard]] bool has(int token) const {
        return token >= 0 && token < static_cast<int>(std::min(x.size(), y.size())) && std::isfinite(x[static_cast<std::size_t>(token)]) && std::isfinite(y[static_cast<std::size_t>(token)]);
    }
};

Scatter normScatter(const ValueSpaceLayout& layout, const ValueSpace& space) {
    return {layout.norm, space.row(TokenQuantity::Received), space.row(TokenQuantity::ValueNorm)};
}

Scatter influenceScatter(const ValueSpaceLayout& layout, const ValueSpace& space) { return {layout.influence, space.attention, space.influence}; }

void paintPointLabel(QPainter& painter, const Scatter& scatter, int token, const ValueSpaceContent& content, const QFont& font, const Theme& theme) {
    const QFontMetricsF metrics(font, painter.device());
    const QString text = metrics.elidedText(content.labels.text[static_cast<std::size_t>(token)], Qt::ElideRight, scatter.axes.area.width() * 0.5);
    const double width = metrics.horizontalAdvance(text);
    const QPointF at = scatter.at(token);
    const double x = at.x() + 10 + width < scatter.axes.area.right() ? at.x() + 9 : at.x() - 9 - width;
    painter.setFont(font);
    paintBackedText(painter, QPointF(x, at.y() + metrics.ascent() * 0.36), text, content.labels.isAnchor(token) ? theme.anchorText : theme.text, theme);
}

void paintPoints(QPainter& painter, const Scatter& scatter, const ValueSpaceContent& content, const QFont& font, const Theme& theme) {
    QColor fill = theme.accent;
    fill.setAlphaF(0.6F);
    for (int token = 0; token < content.space->tokens; ++token)
        if (scatter.has(token) && !content.labels.isAnchor(token)) {
            painter.setPen(QPen(theme.panel, 0.6));
            painter.setBrush(fill);
            painter.drawEllipse(scatter.at(token), 3.4, 3.4);
        }
    for (const int anchor : content.labels.anchors)
        if (scatter.has(anchor)) {
            painter.setPen(QPen(theme.anchorText, 1));
            painter.setBrush(theme.anchor);
            painter.drawPolygon(anchorStar(scatter.at(anchor), 7));
        }
    for (const auto& [token, color] : {std::pair(content.hovered, theme.text), std::pair(content.labels.selected, theme.focusFrame)})
        if (scatter.has(token)) {
            painter.setPen(QPen(color, 1.6));
            painter.setBrush(Qt::NoBrush);
            painter.drawEllipse(scatter.at(token), 6.5, 6.5);
        }
    std::vector<int> labelled(content.labels.anchors.begin(), content.labels.anchors.begin() + std::min<std::ptrdiff_t>(4, std::ssize(content.labels.anchors)));
    for (const int token : {content.labels.selected, content.hovered})
        if (std::ranges::find(labelled, token) == labelled.end())
            labelled.push_back(token);
    for (const int token : labelled)
        if (scatter.has(token))
            paintPointLabel(painter, scatter, token, content, font, theme);
}

void paintScatter(QPainter& painter, const Scatter& scatter, const ValueSpaceContent& content, const QString& xTitle, const QString& yTitle, bool diagonal,
                  const QFont& font, const Theme& theme) {
    const QFontMetricsF metrics(font, painter.device());
    paintGrid(painter, scatter.axes, true, theme);
    paintValueTicks(painter, scatter.axes.area, scatter.axes.y, true, font, theme);
    paintXTicks(painter, scatter.axes, font, theme);
    paintXTitle(painter, scatter.axes, xTitle, font, theme);
    painter.setFont(font);
    painter.setPen(theme.mutedText);
    painter.drawText(QPointF(scatter.axes.area.left(), scatter.axes.area.top() - 6), metrics.elidedText(yTitle, Qt::ElideRight, scatter.axes.area.width()));
    if (diagonal) { // influence equals attention
        painter.save();
        painter.setClipRect(scatter.axes.area);
        QPen dashes(theme.mutedText, 1.1, Qt::SolidLine, Qt::FlatCap);
        dashes.setDashPattern({3.0, 2.2});
        painter.setPen(dashes);
        painter.drawLine(QPointF(scatter.axes.toX(0), scatter.axes.toY(0)), QPointF(scatter.axes.toX(1), scatter.axes.toY(1)));
        painter.restore();
    }
    paintPoints(painter, scatter, content, font, theme);
}

void paintNumbers(QPainter& painter, const ValueSpaceLayout& layout, const ValueSpaceContent& content, const QFont& font, const Theme& theme) {
    QFont strong = font;
    strong.setWeight(QFont::DemiBold);
    const QFontMetricsF metrics(font, painter.device()), strongMetrics(strong, painter.device());
    for (std::size_t i = 0; i < layout.numbers.size(); ++i) {
        const ValueSpace::Number& number = content.space->numbers[i];
        const QRectF& cell = layout.numbers[i];
        const QString value = metricText(*number.metric, number.value);
        const double width = strongMetrics.horizontalAdvance(value), y = cell.top() + metrics.ascent();
        painter.setFont(strong);
        painter.setPen(theme.text);
        painter.drawText(QPointF(cell.right() - width, y), value);
        painter.setFont(font);
        painter.setPen(theme.mutedText);
        const QString title = QString::fromUtf8(number.metric->title.data(), static_cast<qsizetype>(number.metric->title.size()));
        painter.drawText(QPointF(cell.left(), y), metrics.elidedText(title, Qt::ElideRight, cell.width() - width - 8));
    }
}

} // namespace

double valueSpaceHeight(double width, const ValueSpaceContent& content, const QFont& font) {
    std::size_t rows = 0;
    for (const auto& values : content.space->of)
        rows += values.empty() ? 0 : 1;
    const double line = QFontMetricsF(font).height();
    return 2 * kMargin + static_cast<double>(rows) * (line + 32) + labelHeight(labelLengthFor(content, font), font) + std::clamp(width * 0.36, 150.0, 230.0) + 2 * kGap +
           numbersHeight(width - 2 * kMargin, content.space->numbers.size(), font);
}

ValueSpaceLayout layoutValueSpace(const QRectF& area, const ValueSpaceContent& content, const QFont& font) {
    ValueSpaceLayout layout;
    const QRectF inner = area.adjusted(kMargin, kMargin - 4, -kMargin, -kMargin + 4);
    const std::size_t numbers = content.space->numbers.size();
    if (isBroad(area)) {
        const QRectF left(inner.left(), inner.top(), inner.width() * 0.5, inner.height());
        const QRectF right(left.right() + 2 * kGap, inner.top(), inner.right() - left.right() - 2 * kGap, inner.height());
        const double below = std::min(numbersHeight(right.width(), numbers, font), right.height() * 0.5);
        layoutRows(layout, left, content, font);
        layoutScatters(layout, right.adjusted(0, 0, 0, -below - kGap), *content.space, font);
        layoutNumbers(layout, QRectF(right.left(), right.bottom() - below, right.width(), below), numbers, font);
        return layout;
    }
    const double below = numbersHeight(inner.width(), numbers, font), scatter = std::clamp(inner.width() * 0.36, 150.0, std::max(150.0, inner.height() * 0.4));
    const double rows = std::max(60.0, inner.height() - below - scatter - 2 * kGap);
    layoutRows(layout, QRectF(inner.left(), inner.top(), inner.width(), rows), content, font);
    layoutScatters(layout, QRectF(inner.left(), inner.top() + rows + kGap, inner.width(), scatter), *content.space, font);
    layoutNumbers(layout, QRectF(inner.left(), inner.bottom() - below, inner.width(), below), numbers, font);
    return layout;
}

void paintValueSpace(QPainter& painter, const ValueSpaceLayout& layout, const ValueSpaceContent& content, const QFont& font, const Theme& theme) {
    painter.save();
    for (const ValueSpaceLayout::Row& row : layout.rows)
        paintRow(painter, row, content, font, theme);
    if (!layout.rows.empty()) {
        const PlotAxes& axes = layout.rows.back().axes;
        AxisPlacement placement;
        placement.first = axes.area.left();
        placement.last = axes.area.right();
        placement.step = axes.area.width() / std::max(1, content.space->tokens);
        placement.positionOf = [&axes](int token) { return axes.toX(token); };
        placement.lastToken = content.space->tokens - 1;
        paintBottomLabels(painter, content.labels, placement, axes.area.bottom() + 7, layout.labelLength, font, theme);
    }
    const ValueSpace& space = *content.space;
    paintScatter(painter, normScatter(layout, space), content, translated("received attention"), translated("Value norm"), false, font, theme);
    paintScatter(painter, influenceScatter(layout, space), content, translated("attention"), translated("Influence (dashed: equal)"), true, font, theme);
    paintNumbers(painter, layout, content, font, theme);
    painter.restore();
}

int tokenAt(const ValueSpaceLayout& layout, const ValueSpaceContent& content, QPointF position) {
    for (const ValueSpaceLayout::Row& row : layout.rows)
        if (row.axes.area.contains(position) || row.title.contains(position))
            return std::clamp(static_cast<int>(std::lround(row.axes.fromX(position.x()))), 0, content.space->tokens - 1);
    int nearest = -1;
    double best = kNear;
    for (const Scatter& scatter : {normScatter(layout, *content.space), influenceScatter(layout, *content.space)})
        for (int token = 0; token < content.space->tokens; ++token)
            if (scatter.has(token)) {
                const QPointF apart = scatter.at(token) - position;
                if (const double distance = std::hypot(apart.x(), apart.y()); distance < best) {
                    best = distance;
                    nearest = token;
                }
            }
    return nearest;
}

int numberAt(const ValueSpaceLayout& layout, QPointF position) {
    for (std::size_t i = 0; i < layout.numbers.size(); ++i)
        if (layout.numbers[i].contains(position))
            return static_cast<int>(i);
    return -1;
}

} // namespace sinkscope
