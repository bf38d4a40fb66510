// SPDX-License-Identifier: Apache-2.0
#include "views/paint/attention_graph.h"

#include "views/models/text_format.h"
#include "views/vtk/scene_overlay.h"

#include <QCoreApplication>
#include <QFontMetricsF>
#include <QPainterPath>

#include <algorithm>
#include <cmath>

namespace sinkscope {
namespace {

constexpr double kLongestLabel = 84, kLabelShare = 0.19; ///< at most, and of the smaller side
/// More would hide each other, and take longer to paint than a frame.
constexpr int kMostEdges = 1200;
constexpr double kCurveGap = 12;

QString translated(const char* text) { return QCoreApplication::translate("Graph", text); }

/// Place of a token on its ring, clockwise from the top.
QPointF onRing(const GraphLayout& layout, double share, double turn) {
    const double angle = turn * 2 * M_PI;
    return layout.centre + share * QPointF(layout.outerX * std::sin(angle), -layout.outerY * std::cos(angle));
}

/// Radii of the rings as shares of the outermost, from the inside, with the number of tokens on each.
std::vector<std::pair<double, int>> ringsFor(int count, double perimeter, double spacing) {
    int rings = 1;
    const auto length = [](int number) { // of all rings together, in perimeters of the outermost
        double sum = 0;
        for (int ring = 0; ring < number; ++ring)
            sum += 1.0 - 0.68 * ring / std::max(1, number);
        return sum;
    };
    while (rings < 7 && count * spacing > perimeter * length(rings))
        ++rings;
    std::vector<std::pair<double, int>> result;
    int left = count;
    for (int ring = rings - 1; ring >= 0; --ring) {
        const double share = 1.0 - 0.68 * ring / rings;
        const int here = ring == 0 ? left : std::min(left, static_cast<int>(count * share / length(rings)));
        result.emplace_back(share, here);
        left -= here;
    }
    return result;
}

QRectF levelLabel(const GraphLayout& layout, QPointF node, double width, double height) {
    const QPointF out = node - layout.centre;
    const double x = out.x() / std::max(1.0, layout.outerX), gap = layout.nodeSize + 7;
    if (std::abs(x) < 0.2)
        return {node.x() - width / 2, out.y() < 0 ? node.y() - gap - height : node.y() + gap, width, height};
    return {x > 0 ? node.x() + gap : node.x() - gap - width, node.y() - height / 2 + out.y() / std::max(1.0, layout.outerY) * height * 0.4, width, height};
}

double labelWidth(const GraphContent& content, int token, double limit, const QFontMetricsF& metrics) {
    return std::min(limit, metrics.horizontalAdvance(content.labels.text[static_cast<std::size_t>(token)]) * 1.04);
}

/// Labels that do not touch those chosen before; the selected token and sinks choose first. Returns how many found no room.
int chooseLevelLabels(GraphLayout& layout, const GraphContent& content, const std::vector<int>& tokens, const QFont& font) {
    const QFontMetricsF metrics(font);
    std::vector<int> order = tokens;
    std::ranges::stable_sort(order, {}, [&](int token) { return token == content.labels.selected ? 0 : content.labels.isAnchor(token) ? 1 : 2; });
    std::vector<QRectF> taken;
    for (const int token : order) {
        const QRectF rect = levelLabel(layout, layout.nodes[static_cast<std::size_t>(token)], labelWidth(content, token, layout.labelLimit, metrics), metrics.height());
        if (std::ranges::any_of(taken, [&](const QRectF& other) { return other.intersects(rect.adjusted(-3, 1, 3, -1)); }))
            continue;
        layout.labelled[static_cast<std::size_t>(token)] = true;
        taken.push_back(rect);
    }
    return static_cast<int>(order.size() - taken.size());
}

void placeRings(GraphLayout& layout, const GraphContent& content, double spacing) {
    const int tokens = content.graph->tokens;
    const double perimeter = M_PI * (layout.outerX + layout.outerY);
    int token = 0;
    for (const auto& [share, count] : ringsFor(tokens - 1, perimeter, spacing))
        for (int place = 0; place < count; ++place, ++token) {
            token += token == content.middle;
            layout.nodes[static_cast<std::size_t>(token)] = onRing(layout, share, (place + 0.5) / count);
        }
    layout.nodes[static_cast<std::size_t>(content.middle)] = layout.centre;
}

void setRadii(GraphLayout& layout, const QRectF& area, double roomX, double roomY) {
    layout.outerX = std::max(24.0, area.width() / 2 - roomX);
    layout.outerY = std::max(24.0, area.height() / 2 - roomY);
    if (layout.radial)
        layout.outerX = layout.outerY = std::min(layout.outerX, layout.outerY);
    else
        layout.outerX = std::min(layout.outerX, layout.outerY * 1.5);
}

QPen edgePen(const HeadGraph::Edge& edge, double heaviest, double size, bool isMiddle, bool isDim, const Theme& theme) {
    const double share = heaviest > 0 ? edge.weight / heaviest : 0, scale = std::clamp(size / 170, 0.5, 1.2);
    QColor color = isMiddle ? theme.anchor : theme.accent;
    color.setAlphaF(static_cast<float>((isDim ? 0.14 : 0.35) + (isDim ? 0.1 : 0.5) * share));
    return QPen(color, scale * (0.6 + 3.6 * share), Qt::SolidLine, Qt::FlatCap);
}

/// Straight to the middle; others bend towards it, but past it, so that no line seems to end there.
QPainterPath edgePath(const GraphLayout& layout, QPointF from, QPointF to, bool isMiddle) {
    QPainterPath path(from);
    if (isMiddle) {
        path.lineTo(to);
        return path;
    }
    const QPointF half = (from + to) / 2 - layout.centre, along = to - from;
    const double distance = std::hypot(half.x(), half.y()), outer = std::min(layout.outerX, layout.outerY);
    QPointF aside = distance > 0.05 * outer ? half / distance : QPointF(-along.y(), along.x()) / std::max(1.0, std::hypot(along.x(), along.y()));
    const double length = std::hypot(along.x(), along.y()), pulled = distance * (1 - 0.5 * std::min(1.0, length / (1.6 * outer)));
    path.quadTo(layout.centre + aside * std::max(pulled, std::min(0.42 * outer, distance + 0.3 * length)), to);
    return path;
}

int paintEdges(QPainter& painter, const GraphLayout& layout, const GraphContent& content, const Theme& theme) {
    const HeadGraph& graph = *content.graph;
    const int all = graph.edgesAt(content.cut), shown = std::min(all, kMostEdges);
    const double heaviest = graph.edges.empty() ? 0 : graph.edges.front().weight;
    painter.setBrush(Qt::NoBrush);
    for (int pass = 0; pass < 2; ++pass) // what is pointed at comes on top
        for (int index = shown - 1; index >= 0; --index) {
            const HeadGraph::Edge& edge = graph.edges[static_cast<std::size_t>(index)];
            const bool isMine = content.hovered < 0 || edge.first == content.hovered || edge.second == content.hovered;
            if (isMine != (pass == 1))
                continue;
            const bool isMiddle = edge.first == content.middle || edge.second == content.middle;
            painter.setPen(edgePen(edge, heaviest, std::min(layout.outerX, layout.outerY), isMiddle, !isMine, theme));
            painter.drawPath(edgePath(layout, layout.nodes[static_cast<std::size_t>(edge.first)], layout.nodes[static_cast<std::size_t>(edge.second)], isMiddle));
        }
    return all - shown;
}

void paintNodes(QPainter& painter, const GraphLayout& layout, const GraphContent& content, const Theme& theme) {
    const std::vector<int> degrees = degreesAt(content);
    for (int token = 0; token < content.graph->tokens; ++token) {
        if (token == content.middle)
            continue;
        const int degree = degrees[static_cast<std::size_t>(token)];
        const double size = layout.nodeSize * std::min(2.2, 1 + 0.25 * std::sqrt(static_cast<double>(std::max(0, degree - 1))));
        const bool isAnchor = content.labels.isAnchor(token);
        painter.setPen(QPen(degree == 0 ? theme.mutedText : theme.panel, 1));
        painter.setBrush(degree == 0 ? theme.panel : isAnchor ? theme.anchor : theme.accent);
        painter.drawEllipse(layout.nodes[static_cast<std::size_t>(token)], size, size);
        if (token == content.labels.selected || token == content.hovered) {
            painter.setBrush(Qt::NoBrush);
            painter.setPen(QPen(token == content.labels.selected ? theme.focusFrame : theme.text, 1.8));
            painter.drawEllipse(layout.nodes[static_cast<std::size_t>(token)], size + 3, size + 3);
        }
    }
    const bool isSelected = content.middle == content.labels.selected;
    painter.setBrush(theme.anchor);
    painter.setPen(QPen(isSelected ? theme.focusFrame : theme.anchorText, isSelected ? 2.0 : 1.0));
    painter.drawPolygon(anchorStar(layout.centre, layout.starSize()));
}

void paintLabel(QPainter& painter, const GraphLayout& layout, const GraphContent& content, int token, const QFont& font, const Theme& theme) {
    const bool isStrong = content.labels.isAnchor(token) || token == content.labels.selected || token == content.hovered || token == content.middle;
    QFont used = font;
    used.setWeight(isStrong ? QFont::DemiBold : QFont::Normal);
    painter.setFont(used);
    const QFontMetricsF metrics(used, painter.device());
    const QString text = metrics.elidedText(content.labels.text[static_cast<std::size_t>(token)], Qt::ElideRight, layout.labelLimit);
    const QColor color = content.labels.isAnchor(token) || token == content.middle ? theme.anchorText : theme.text;
    const QPointF node = layout.nodes[static_cast<std::size_t>(token)], out = node - layout.centre;
    const double width = metrics.horizontalAdvance(text);
    if (token == content.middle)
        return paintBackedText(painter, node + QPointF(-width / 2, layout.starSize() * 0.8 + 4 + metrics.ascent()), text, color, theme);
    if (!layout.radial) {
        const QRectF rect = levelLabel(layout, node, width, metrics.height());
        return paintBackedText(painter, QPointF(rect.left(), rect.top() + metrics.ascent()), text, color, theme);
    }
    double angle = std::atan2(out.y(), out.x()) * 180 / M_PI;
    const bool isFlipped = angle > 90 || angle < -90;
    painter.save();
    painter.translate(node);
    painter.rotate(isFlipped ? angle + 180 : angle);
    painter.setPen(color);
    painter.drawText(QPointF(isFlipped ? -width - layout.nodeSize - 6 : layout.nodeSize + 6, metrics.ascent() * 0.36), text);
    painter.restore();
}

std::pair<double, double> rangeOf(const HeadGraph& graph, const GraphFeature& feature) {
    double low = 0, high = 1;
    for (const GraphAtCut& at : graph.cuts)
        if (const auto value = feature.value(at))
            high = std::max(high, *value);
    if (feature.logarithmic)
        high = std::log1p(high);
    return {low, high};
}

double cutShare(const GraphContent& content, std::size_t cut) {
    return static_cast<double>(cut) / static_cast<double>(std::max<std::size_t>(1, content.graph->cuts.size() - 1));
}

QRectF plotOf(const QRectF& cell, const QFont& font) {
    const double line = QFontMetricsF(font).height();
    return cell.adjusted(2, 2.4 * line + 2, -2, -line - 3);
}

void paintCurve(QPainter& painter, const QRectF& plot, const GraphContent& content, const GraphFeature& feature, const Theme& theme) {
    const auto [low, high] = rangeOf(*content.graph, feature);
    const auto pointAt = [&, low = low, high = high](std::size_t cut, double value) {
        const double shown = feature.logarithmic ? std::log1p(value) : value;
        return QPointF(plot.left() + cutShare(content, cut) * plot.width(), plot.bottom() - (shown - low) / (high - low) * plot.height());
    };
    painter.setPen(QPen(theme.border, 1));
    painter.drawLine(plot.bottomLeft(), plot.bottomRight());
    QPolygonF line;
    for (std::size_t cut = 0; cut < content.graph->cuts.size(); ++cut)
        if (const auto value = feature.value(content.graph->cuts[cut]))
            line.append(pointAt(cut, *value));
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(theme.accent, 1.6, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
    painter.drawPolyline(line);
    const double x = plot.left() + cutShare(content, content.cut) * plot.width();
    painter.setPen(QPen(theme.focusFrame, 1.2));
    painter.drawLine(QPointF(x, plot.top() - 2), QPointF(x, plot.bottom()));
    if (const auto value = feature.value(content.graph->cuts[content.cut])) {
        painter.setPen(QPen(theme.panel, 1));
        painter.setBrush(theme.focusFrame);
        painter.drawEllipse(pointAt(content.cut, *value), 3.5, 3.5);
    }
}

} // namespace

std::vector<int> degreesAt(const GraphContent& content) {
    std::vector<int> degrees(static_cast<std::size_t>(content.graph->tokens), 0);
    for (int index = 0; index < content.graph->edgesAt(content.cut); ++index) {
        const HeadGraph::Edge& edge = content.graph->edges[static_cast<std::size_t>(index)];
        ++degrees[static_cast<std::size_t>(edge.first)];
        ++degrees[static_cast<std::size_t>(edge.second)];
    }
    return degrees;
}

GraphLayout layoutGraph(const QRectF& area, const GraphContent& content, const QFont& font) {
    GraphLayout layout;
    const int tokens = content.graph->tokens;
    const QFontMetricsF metrics(font);
    layout.centre = area.center();
    layout.labelLimit = std::min(kLongestLabel, kLabelShare * std::min(area.width(), area.height()));
    layout.nodes.resize(static_cast<std::size_t>(tokens));
    layout.labelled.assign(static_cast<std::size_t>(tokens), false);
    std::vector<int> around;
    double longest = 0;
    for (int token = 0; token < tokens; ++token)
        if (token != content.middle) {
            around.push_back(token);
            longest = std::max(longest, labelWidth(content, token, layout.labelLimit, metrics));
        }
    layout.nodeSize = std::clamp(120.0 / std::max(1, tokens), 1.6, 4.5);
    const double spacing = metrics.height() * 0.86;
    setRadii(layout, area, longest + 16, metrics.height() + 14);
    placeRings(layout, content, spacing);
    const bool isOneRing = (tokens - 1) * spacing <= M_PI * (layout.outerX + layout.outerY);
    if (isOneRing && chooseLevelLabels(layout, content, around, font) == 0)
        return layout;
    std::fill(layout.labelled.begin(), layout.labelled.end(), false);
    layout.radial = true;
    setRadii(layout, area, longest + 14, longest + 14);
    layout.nodeSize = std::min(layout.nodeSize, layout.outerX * 0.04);
    placeRings(layout, content, spacing);
    const double perimeter = 2 * M_PI * layout.outerX;
    const auto onOuter = [&](int token) {
        const QPointF out = layout.nodes[static_cast<std::size_t>(token)] - layout.centre;
        return std::hypot(out.x(), out.y()) > layout.outerX * 0.98;
    };
    const auto outer = std::ranges::count_if(around, onOuter);
    const auto every = static_cast<int>(std::ceil(static_cast<double>(outer) * spacing / perimeter - 1e-6));
    int place = 0;
    for (const int token : around)
        if (onOuter(token))
            layout.labelled[static_cast<std::size_t>(token)] = place++ % std::max(1, every) == 0;
    return layout;
}

void paintGraph(QPainter& painter, const QRectF& area, const GraphLayout& layout, const GraphContent& content, const QFont& font, const Theme& theme) {
    painter.save();
    const int hidden = paintEdges(painter, layout, content, theme);
    paintNodes(painter, layout, content, theme);
    for (int token = 0; token < content.graph->tokens; ++token)
        if (layout.labelled[static_cast<std::size_t>(token)] || token == content.middle || token == content.hovered || token == content.labels.selected)
            paintLabel(painter, layout, content, token, font, theme);
    const int edges = content.graph->edgesAt(content.cut);
    QString note = edges == 1 ? translated("1 edge") : translated("%1 edges").arg(groupedDigits(edges));
    if (hidden > 0)
        note += translated(", the %1 heaviest drawn").arg(groupedDigits(edges - hidden));
    painter.setFont(font);
    paintBackedText(painter, area.topLeft() + QPointF(10, 4 + QFontMetricsF(font, painter.device()).ascent()), note, theme.mutedText, theme);
    painter.restore();
}

int tokenAt(const GraphLayout& layout, QPointF position) {
    int nearest = -1;
    double best = std::max(12.0, layout.nodeSize * 3);
    for (std::size_t token = 0; token < layout.nodes.size(); ++token) {
        const QPointF apart = layout.nodes[token] - position;
        if (const double distance = std::hypot(apart.x(), apart.y()); distance < best) {
            best = distance;
            nearest = static_cast<int>(token);
        }
    }
    return nearest;
}

const std::array<GraphFeature, 5>& graphFeatures() {
    static const std::array<GraphFeature, 5> features{{
        {"graph_fiedler", QT_TRANSLATE_NOOP("Graph", "Fiedler value"), true, false, [](const GraphAtCut& at) { return at.fiedler; }},
        {"graph_centralization", QT_TRANSLATE_NOOP("Graph", "Centralization"), false, false, [](const GraphAtCut& at) { return at.shape.centralization; }},
        {"graph_star_likeness", QT_TRANSLATE_NOOP("Graph", "Star-likeness"), false, false, [](const GraphAtCut& at) { return at.shape.starLikeness; }},
        {"graph_components", QT_TRANSLATE_NOOP("Graph", "Components"), true, true, [](const GraphAtCut& at) { return std::optional<double>(at.shape.components); }},
        {"graph_beta1", QT_TRANSLATE_NOOP("Graph", "Cycles β₁"), true, true, [](const GraphAtCut& at) { return std::optional<double>(at.shape.cycles()); }},
    }};
    return features;
}

QString featureText(const GraphFeature& feature, std::optional<double> value) {
    if (!value)
        return QStringLiteral("–");
    return feature.whole ? groupedDigits(std::llround(*value)) : numberText(*value);
}

static int curveColumns(double width, const QFont& font) {
    double widest = 0;
    for (const GraphFeature& feature : graphFeatures())
        widest = std::max(widest, QFontMetricsF(font).horizontalAdvance(translated(feature.title)));
    return width - 20 >= 5 * (widest + 4) + 4 * kCurveGap ? 5 : 3;
}

double graphCurvesHeight(double width, const QFont& font) {
    const double row = 4 * QFontMetricsF(font).height() + 40;
    return curveColumns(width, font) == 5 ? row : 2 * row + kCurveGap;
}

std::array<QRectF, 5> layoutGraphCurves(const QRectF& area, const QFont& font) {
    std::array<QRectF, 5> cells;
    const int columns = curveColumns(area.width(), font);
    const double width = (area.width() - 20 - (columns - 1) * kCurveGap) / columns;
    const double height = columns == 5 ? area.height() : (area.height() - kCurveGap) / 2;
    for (std::size_t i = 0; i < cells.size(); ++i) {
        const auto column = static_cast<double>(static_cast<int>(i) % columns), row = static_cast<double>(static_cast<int>(i) / columns);
        cells[i] = QRectF(area.left() + 10 + column * (width + kCurveGap), area.top() + row * (height + kCurveGap), width, height);
    }
    return cells;
}

void paintGraphCurves(QPainter& painter, const QRectF& area, const GraphContent& content, const QFont& font, const Theme& theme) {
    const auto cells = layoutGraphCurves(area, font);
    QFont strong = font;
    strong.setWeight(QFont::DemiBold);
    const QFontMetricsF metrics(font, painter.device());
    const std::vector<GraphAtCut>& cuts = content.graph->cuts;
    painter.save();
    for (std::size_t i = 0; i < cells.size(); ++i) {
        const GraphFeature& feature = graphFeatures()[i];
        const QRectF plot = plotOf(cells[i], font);
        const auto value = feature.value(cuts[content.cut]);
        painter.setFont(font);
        painter.setPen(theme.mutedText);
        painter.drawText(QPointF(cells[i].left() + 2, cells[i].top() + metrics.ascent()), metrics.elidedText(translated(feature.title), Qt::ElideRight, cells[i].width()));
        painter.setFont(strong);
        painter.setPen(theme.text);
        painter.drawText(QPointF(cells[i].left() + 2, cells[i].top() + metrics.height() + metrics.ascent()), featureText(feature, value));
        paintCurve(painter, plot, content, feature, theme);
        painter.setFont(font);
        painter.setPen(theme.mutedText);
        const QString low = QString::number(cuts.front().cut), high = QString::number(cuts.back().cut);
        painter.drawText(QPointF(plot.left(), plot.bottom() + 2 + metrics.ascent()), low);
        painter.drawText(QPointF(plot.right() - metrics.horizontalAdvance(high), plot.bottom() + 2 + metrics.ascent()), high);
    }
    painter.restore();
}

std::optional<std::size_t> cutAt(const QRectF& area, const GraphContent& content, QPointF position, const QFont& font) {
    for (const QRectF& cell : layoutGraphCurves(area, font))
        if (cell.adjusted(-4, 0, 4, 0).contains(position)) {
            const double share = std::clamp((position.x() - cell.left() - 2) / std::max(1.0, cell.width() - 4), 0.0, 1.0);
            return static_cast<std::size_t>(std::lround(share * static_cast<double>(content.graph->cuts.size() - 1)));
        }
    return std::nullopt;
}

QString cutText(GraphCut kind, double value) {
    return kind == GraphCut::Threshold ? translated("weight above %1").arg(QString::number(value)) : translated("percentile %1 and above").arg(QString::number(value));
}

} // namespace sinkscope
