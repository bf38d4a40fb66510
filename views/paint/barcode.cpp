// SPDX-License-Identifier: Apache-2.0
#include "views/paint/barcode.h"

#include <QCoreApplication>
#include <QFontMetricsF>

#include <algorithm>
#include <cmath>

namespace sinkscope {
namespace {

constexpr double kThinnest = 3.0, kThickest = 15.0; ///< distance of two bars
constexpr double kNear = 9.0;                        ///< of the pointer to a point of the diagram

QString translated(const char* text, int count = -1) { return QCoreApplication::translate("Barcode", text, nullptr, count); }

QColor colorOf(int dimension, const Theme& theme) { return theme.categories[static_cast<std::size_t>(dimension)]; }

const std::vector<Bar>& barsOf(const HeadBarcode& head, int dimension) { return dimension == 0 ? head.barcode.zero : head.barcode.one; }

int countOf(const HeadBarcode& head, int dimension) { return static_cast<int>(barsOf(head, dimension).size()); }

/// The `most` longest bars, in the order of the barcode.
std::vector<int> longest(const std::vector<Bar>& bars, int most) {
    std::vector<int> order(bars.size());
    for (std::size_t i = 0; i < order.size(); ++i)
        order[i] = static_cast<int>(i);
    if (most < static_cast<int>(order.size())) {
        std::ranges::stable_sort(order, std::greater{}, [&](int i) { return bars[static_cast<std::size_t>(i)].length(); });
        order.resize(static_cast<std::size_t>(std::max(most, 0)));
        std::ranges::sort(order);
    }
    return order;
}

void placeRows(BarcodeLayout& layout, const HeadBarcode& head, const QFont& font) {
    const double line = QFontMetricsF(font).height(), heading = line * 1.35;
    const int total[2] = {countOf(head, 0), countOf(head, 1)};
    const double room = layout.main.area.height() - 2 * heading - 4;
    layout.pitch = std::clamp(room / std::max(1, total[0] + total[1]), kThinnest, kThickest);
    const int fits = std::max(0, static_cast<int>(room / layout.pitch));
    int shown[2] = {total[0], total[1]};
    if (total[0] + total[1] > fits) { // cycles are rarer: they get what they need, up to half
        shown[1] = std::min(total[1], std::max(fits / 2, fits - total[0]));
        shown[0] = std::min(total[0], fits - shown[1]);
    }
    double y = layout.main.area.top();
    for (const int dimension : {0, 1}) {
        layout.headingY[dimension] = y + QFontMetricsF(font).ascent() + 2;
        y += heading;
        layout.hidden[dimension] = total[dimension] - shown[dimension];
        for (const int index : longest(barsOf(head, dimension), shown[dimension])) {
            layout.rows.push_back({{dimension, index}, y + layout.pitch / 2});
            y += layout.pitch;
        }
    }
}

QPointF pointOf(const BarcodeLayout& layout, const Bar& bar) {
    const double y = bar.essential() ? layout.main.area.top() : layout.main.toY(bar.death);
    return {layout.main.toX(bar.birth), y};
}

void paintHeadings(QPainter& painter, const BarcodeLayout& layout, const HeadBarcode& head, const QFont& font, const Theme& theme) {
    QFont strong = font;
    strong.setWeight(QFont::DemiBold);
    for (const int dimension : {0, 1}) {
        const int count = countOf(head, dimension);
        const QString title = dimension == 0 ? translated("H₀ · components") : translated("H₁ · cycles");
        const QPointF at(layout.main.area.left(), layout.headingY[dimension]);
        painter.setFont(strong);
        painter.setPen(theme.text);
        painter.drawText(at, title);
        const double width = QFontMetricsF(strong, painter.device()).horizontalAdvance(title);
        QString note = count == 0 ? translated("none") : QString::number(count);
        if (layout.hidden[dimension] > 0)
            note += translated(", the %1 longest shown").arg(count - layout.hidden[dimension]);
        painter.setFont(font);
        painter.setPen(theme.mutedText);
        painter.drawText(at + QPointF(width + 8, 0), note);
    }
}

void paintBars(QPainter& painter, const BarcodeLayout& layout, const BarcodeContent& content, const QFont& font, const Theme& theme) {
    const PlotAxes& axes = layout.main;
    painter.setPen(QPen(theme.grid, 1));
    for (const double value : axes.x.values)
        painter.drawLine(QPointF(axes.toX(value), axes.area.top()), QPointF(axes.toX(value), axes.area.bottom()));
    for (const BarcodeLayout::Row& row : layout.rows) {
        const Bar& bar = barOf(*content.head, row.id);
        const double left = axes.toX(bar.birth), right = bar.essential() ? axes.area.right() : axes.toX(bar.death);
        const double thickness = std::max(1.4, std::min(layout.pitch * 0.6, 7.0));
        const bool isSelected = content.selected == row.id;
        if (isSelected || content.hovered == row.id) {
            QColor band = isSelected ? theme.focusFrame : theme.accent;
            band.setAlphaF(0.16F);
            painter.fillRect(QRectF(axes.area.left(), row.y - layout.pitch / 2, axes.area.width(), layout.pitch), band);
        }
        painter.setPen(Qt::NoPen);
        painter.setBrush(isSelected ? theme.focusFrame : colorOf(row.id.dimension, theme));
        painter.drawRect(QRectF(left, row.y - thickness / 2, std::max(1.2, right - left), thickness));
        if (bar.essential()) // goes on beyond the plot
            painter.drawPolygon(QPolygonF({{right, row.y - thickness}, {right + thickness * 1.3, row.y}, {right, row.y + thickness}}));
    }
    paintHeadings(painter, layout, *content.head, font, theme);
}

void paintMark(QPainter& painter, QPointF at, int dimension, double size) {
    if (dimension == 0)
        painter.drawEllipse(at, size, size);
    else
        painter.drawPolygon(QPolygonF({at + QPointF(0, -size * 1.25), at + QPointF(size * 1.25, 0), at + QPointF(0, size * 1.25), at + QPointF(-size * 1.25, 0)}));
}

void paintPoints(QPainter& painter, const BarcodeLayout& layout, const BarcodeContent& content, const Theme& theme) {
    const auto paintOne = [&](BarId id, bool strong) {
        const QPointF at = pointOf(layout, barOf(*content.head, id));
        if (!layout.main.area.adjusted(-1, -1, 1, 1).contains(at))
            return;
        QColor fill = colorOf(id.dimension, theme);
        fill.setAlphaF(strong ? 1.0F : 0.55F);
        painter.setBrush(fill);
        painter.setPen(QPen(strong ? (content.selected == id ? theme.focusFrame : theme.text) : colorOf(id.dimension, theme), strong ? 2.0 : 1.0));
        paintMark(painter, at, id.dimension, strong ? 5.5 : 4.0);
    };
    for (const int dimension : {0, 1})
        for (int index = 0; index < countOf(*content.head, dimension); ++index)
            paintOne({dimension, index}, false);
    for (const auto& id : {content.hovered, content.selected})
        if (id)
            paintOne(*id, true);
}

void paintDiagram(QPainter& painter, const BarcodeLayout& layout, const BarcodeContent& content, const QFont& font, const Theme& theme) {
    const PlotAxes& axes = layout.main;
    paintGrid(painter, axes, true, theme);
    paintValueTicks(painter, axes.area, axes.y, true, font, theme);
    painter.save();
    painter.setClipRect(axes.area);
    painter.setPen(QPen(theme.mutedText, 1.2));
    const double low = std::min(axes.x.low, axes.y.low), high = std::max(axes.x.high, axes.y.high);
    painter.drawLine(QPointF(axes.toX(low), axes.toY(low)), QPointF(axes.toX(high), axes.toY(high)));
    painter.restore();
    QPen dashes(theme.mutedText, 1.0, Qt::SolidLine, Qt::FlatCap);
    dashes.setDashPattern({3.0, 3.0});
    painter.setPen(dashes);
    painter.drawLine(axes.area.topLeft(), axes.area.topRight());
    painter.setFont(font);
    painter.setPen(theme.mutedText);
    const QFontMetricsF metrics(font, painter.device());
    painter.drawText(QPointF(axes.area.left() - 7 - metrics.horizontalAdvance(QStringLiteral("∞")), axes.area.top() + metrics.ascent() * 0.36), QStringLiteral("∞"));
    paintPoints(painter, layout, content, theme);
    painter.setFont(font);
    painter.setPen(theme.mutedText);
    painter.drawText(QPointF(axes.area.left(), axes.area.top() - 8), translated("dies at"));
    paintLegend(painter, QRectF(axes.area.left() + axes.area.width() * 0.3, axes.area.top() - 10 - metrics.height(), axes.area.width() * 0.7, metrics.height() + 4),
                {{LegendEntry::Mark::Bar, colorOf(0, theme), translated("H₀ components (%1)").arg(countOf(*content.head, 0))},
                 {LegendEntry::Mark::Bar, colorOf(1, theme), translated("H₁ cycles (%1)").arg(countOf(*content.head, 1))}},
                font, theme);
}

void paintCurve(QPainter& painter, const PlotAxes& axes, const HeadBarcode& head, int dimension, const Theme& theme) {
    QPolygonF line;
    const std::vector<int>& numbers = head.betti[dimension];
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        const double end = i + 1 < numbers.size() ? head.values[i + 1] : std::max(axes.x.high, head.values[i]);
        line.append({axes.toX(head.values[i]), axes.toY(numbers[i])});
        line.append({axes.toX(end), axes.toY(numbers[i])});
    }
    painter.setPen(QPen(colorOf(dimension, theme), 1.8, Qt::SolidLine, Qt::FlatCap, Qt::MiterJoin));
    painter.setBrush(Qt::NoBrush);
    painter.drawPolyline(line);
}

void paintBetti(QPainter& painter, const BarcodeLayout& layout, const BarcodeContent& content, const QFont& font, const Theme& theme) {
    const PlotAxes& axes = layout.betti;
    paintGrid(painter, axes, false, theme);
    paintValueTicks(painter, axes.area, axes.y, true, font, theme);
    paintXTicks(painter, axes, font, theme);
    paintXTitle(painter, axes, titleOf(content.head->filtration), font, theme);
    painter.save();
    painter.setClipRect(axes.area.adjusted(0, -1, 0, 1));
    for (const int dimension : {0, 1})
        paintCurve(painter, axes, *content.head, dimension, theme);
    for (const auto& id : {content.hovered, content.selected})
        if (id) { // where the bar lives
            const Bar& bar = barOf(*content.head, *id);
            QColor band = content.selected == id ? theme.focusFrame : theme.accent;
            band.setAlphaF(0.14F);
            const double right = bar.essential() ? axes.area.right() : axes.toX(bar.death);
            painter.fillRect(QRectF(axes.toX(bar.birth), axes.area.top(), right - axes.toX(bar.birth), axes.area.height()), band);
        }
    painter.restore();
    const double line = QFontMetricsF(font).height();
    painter.setFont(font);
    painter.setPen(theme.mutedText);
    painter.drawText(QPointF(axes.area.left(), axes.area.top() - 7), translated("Betti numbers"));
    paintLegend(painter, QRectF(axes.area.left() + axes.area.width() * 0.35, axes.area.top() - 6 - line, axes.area.width() * 0.65, line + 2),
                {{LegendEntry::Mark::Line, colorOf(0, theme), QStringLiteral("β₀")}, {LegendEntry::Mark::Line, colorOf(1, theme), QStringLiteral("β₁")}}, font, theme);
}

} // namespace

BarcodeLayout layoutBarcode(const QRectF& area, const BarcodeContent& content, const QFont& font) {
    BarcodeLayout layout;
    const HeadBarcode& head = *content.head;
    const double line = QFontMetricsF(font).height();
    int highest = 1;
    for (const std::vector<int>& numbers : head.betti)
        for (const int number : numbers)
            highest = std::max(highest, number);
    layout.betti.y = niceTicks(0, highest, 4);
    const bool isDiagram = content.view == BarcodeView::Diagram;
    const double side = head.largest * (isDiagram ? 1.06 : 1.04);
    layout.main.x = ticksWithin(content.zoom.left() * side * isDiagram, isDiagram ? content.zoom.right() * side : side, 6);
    layout.main.y = ticksWithin(content.zoom.top() * side, content.zoom.bottom() * side, 6);
    layout.betti.x = layout.main.x;
    const double left = area.left() + std::max(valueTickWidth(layout.betti.y, font), isDiagram ? valueTickWidth(layout.main.y, font) : 0) + 18;
    const double right = area.right() - 20;
    const double bettiHeight = std::clamp(area.height() * 0.2, 32.0, 130.0);
    const double bottom = area.bottom() - xAxisHeight(font) - 4;
    layout.betti.area = QRectF(left, bottom - bettiHeight, right - left, bettiHeight);
    const double top = area.top() + (isDiagram ? line + 16 : 6);
    layout.main.area = QRectF(left, top, right - left, std::max(20.0, layout.betti.area.top() - line - 14 - top));
    if (!isDiagram)
        placeRows(layout, head, font);
    return layout;
}

void paintBarcode(QPainter& painter, const BarcodeLayout& layout, const BarcodeContent& content, const QFont& font, const Theme& theme) {
    painter.save();
    if (content.view == BarcodeView::Bars)
        paintBars(painter, layout, content, font, theme);
    else
        paintDiagram(painter, layout, content, font, theme);
    paintBetti(painter, layout, content, font, theme);
    painter.restore();
}

std::optional<BarId> barAt(const BarcodeLayout& layout, const BarcodeContent& content, QPointF position) {
    if (!layout.main.area.adjusted(-kNear, -kNear, kNear, kNear).contains(position))
        return std::nullopt;
    if (content.view == BarcodeView::Bars) {
        for (const BarcodeLayout::Row& row : layout.rows)
            if (std::abs(row.y - position.y()) <= layout.pitch / 2)
                return row.id;
        return std::nullopt;
    }
    std::optional<BarId> nearest;
    double best = kNear;
    for (const int dimension : {0, 1})
        for (int index = 0; index < countOf(*content.head, dimension); ++index) {
            const QPointF apart = pointOf(layout, barOf(*content.head, {dimension, index})) - position;
            if (const double distance = std::hypot(apart.x(), apart.y()); distance < best) {
                best = distance;
                nearest = BarId{dimension, index};
            }
        }
    return nearest;
}

std::optional<BarId> stepFrom(const BarcodeLayout& layout, const BarcodeContent& content, int step) {
    std::vector<BarId> order;
    for (const BarcodeLayout::Row& row : layout.rows)
        order.push_back(row.id);
    if (order.empty())
        for (const int dimension : {0, 1})
            for (int index = 0; index < countOf(*content.head, dimension); ++index)
                order.push_back({dimension, index});
    if (order.empty())
        return std::nullopt;
    const auto at = content.selected ? std::ranges::find(order, *content.selected) : order.end();
    if (at == order.end())
        return order.front();
    return order[static_cast<std::size_t>(std::clamp<std::ptrdiff_t>(at - order.begin() + step, 0, std::ssize(order) - 1))];
}

} // namespace sinkscope
