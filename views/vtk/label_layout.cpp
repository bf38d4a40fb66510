// SPDX-License-Identifier: Apache-2.0
#include "views/vtk/label_layout.h"

#include "views/vtk/scene_legend.h"
#include "views/vtk/scene_lines.h"

#include <QFontMetricsF>

#include <algorithm>
#include <array>
#include <cmath>
#include <unordered_set>
#include <utility>

namespace sinkscope {

namespace {

constexpr double kMaximumWidth = 130;
constexpr double kLabelCost = 10; // of covering a label; a point costs 1
constexpr int kForcedAnchors = 3; // more would cover each other
constexpr double kCell = 24;
constexpr int kCrowd = 5000; // from here on, keeping clear of points would leave no label at all

class LabelLayout {
public:
    LabelLayout(const PointScene& scene, const SceneCamera& camera, const Theme& theme)
        : m_scene(scene), m_project(camera), m_plain(theme.smallFont), m_bold(emphasizedFont(theme)), m_area(QPointF(0, 0), camera.viewport()) {
        for (const SceneAnchor& anchor : scene.anchors)
            m_taken.push_back(around(at(anchor.point), kAnchorRadius));
        if (scene.size() <= kCrowd)
            fillCells();
        if (scene.points.empty())
            return;
        m_legend = legendAreas(scene, camera.viewport(), theme);
        m_taken.insert(m_taken.end(), m_legend.begin(), m_legend.end());
        placeAxes(camera);
        placeTags(camera);
    }

    /// `forced`: also where it covers something.
    void place(int point, const QString& fullText, bool emphasized, bool forced) {
        if (!seen(point).inFront || !m_area.contains(at(point)) || fullText.isEmpty())
            return;
        const QFontMetricsF& metrics = emphasized ? m_bold : m_plain;
        const QString text = metrics.elidedText(fullText, Qt::ElideRight, emphasized ? 1.8 * kMaximumWidth : kMaximumWidth);
        const QSizeF size(metrics.horizontalAdvance(text) + 4, metrics.height());
        double best = forced ? 1e9 : emphasized ? kLabelCost : 1;
        QRectF chosen;
        for (const QPointF& corner : corners(at(point), size, drawnRadius(m_scene, point) + 2)) {
            const QRectF rect(corner, size);
            const double cost = m_area.contains(rect) ? covered(rect, point) : 1e6;
            if (cost < best) {
                best = cost;
                chosen = rect;
            }
        }
        if (chosen.isNull())
            return;
        chosen.moveLeft(std::clamp(chosen.left(), 0.0, std::max(0.0, m_area.width() - size.width())));
        take({point, chosen, text, emphasized});
    }

    [[nodiscard]] std::size_t count() const { return m_labels.size(); }
    std::vector<PlacedLabel> result() && { return std::move(m_labels); }

private:
    [[nodiscard]] SceneCamera::Projected seen(int point) const { return m_project(m_scene.points[static_cast<std::size_t>(point)]); }
    [[nodiscard]] QPointF at(int point) const { return seen(point).screen; }
    static QRectF around(const QPointF& center, double radius) { return {center.x() - radius, center.y() - radius, 2 * radius, 2 * radius}; }

    /// Top left corners to try, best first.
    static std::array<QPointF, 8> corners(const QPointF& c, const QSizeF& size, double gap) {
        const double w = size.width(), h = size.height(), d = gap * 0.7;
        return {QPointF(c.x() + gap, c.y() - h / 2), QPointF(c.x() - gap - w, c.y() - h / 2), QPointF(c.x() - w / 2, c.y() - gap - h),
                QPointF(c.x() - w / 2, c.y() + gap), QPointF(c.x() + d, c.y() - d - h), QPointF(c.x() + d, c.y() + d),
                QPointF(c.x() - d - w, c.y() - d - h), QPointF(c.x() - d - w, c.y() + d)};
    }

    void take(PlacedLabel label) {
        m_taken.push_back(label.rect);
        m_labels.push_back(std::move(label));
    }

    /// 0 when a rectangle is free.
    [[nodiscard]] double covered(const QRectF& rect, int own) const {
        double cost = 0;
        for (const QRectF& other : m_taken)
            cost += other.intersects(rect) && other != around(at(own), kAnchorRadius) ? kLabelCost : 0;
        if (m_scene.size() > kCrowd)
            return cost;
        const double radius = pointRadius(m_scene.size()) - 1;
        const QRectF grown = rect.adjusted(-radius, -radius, radius, radius);
        for (int row = cellOf(grown.top(), m_rows); row <= cellOf(grown.bottom(), m_rows); ++row)
            for (int column = cellOf(grown.left(), m_columns); column <= cellOf(grown.right(), m_columns); ++column)
                for (const auto& [i, screen] : m_cells[static_cast<std::size_t>(row * m_columns + column)])
                    cost += i != own && grown.contains(screen) ? 1 : 0;
        return cost;
    }

    static int cellOf(double coordinate, int count) { return std::clamp(static_cast<int>(coordinate / kCell), 0, count - 1); }

    /// Sorts the points that can be seen into square cells, so that a label only asks its neighbours.
    void fillCells() {
        m_columns = static_cast<int>(m_area.width() / kCell) + 1;
        m_rows = static_cast<int>(m_area.height() / kCell) + 1;
        m_cells.resize(static_cast<std::size_t>(m_columns) * static_cast<std::size_t>(m_rows));
        for (int i = 0; i < m_scene.size(); ++i)
            if (const auto found = seen(i); found.inFront && m_area.contains(found.screen))
                m_cells[static_cast<std::size_t>(cellOf(found.screen.y(), m_rows) * m_columns + cellOf(found.screen.x(), m_columns))]
                    .emplace_back(i, found.screen);
    }

    void placeAxes(const SceneCamera& camera) {
        const QPointF origin = camera.project(m_scene.box.axisOrigin()).screen;
        for (int axis = 0; axis < 3; ++axis) {
            const QString& text = m_scene.axisLabels[static_cast<std::size_t>(axis)];
            const auto tip = camera.project(m_scene.box.axisEnd(axis));
            const QPointF along = tip.screen - origin;
            const double length = std::hypot(along.x(), along.y());
            if (text.isEmpty() || !tip.inFront || length < 12)
                continue; // seen end on: the label would sit on the origin
            const QSizeF size(m_plain.horizontalAdvance(text) + 6, m_plain.height());
            const double reach = size.width() / 2 * std::abs(along.x()) / length + size.height() * 0.8;
            QRectF rect(QPointF(), size);
            rect.moveCenter(tip.screen + along / length * reach);
            rect.moveLeft(std::clamp(rect.left(), 2.0, std::max(2.0, m_area.right() - size.width() - 2)));
            rect.moveTop(std::clamp(rect.top(), 2.0, std::max(2.0, m_area.bottom() - size.height() - 2)));
            for (const QRectF& line : m_legend)
                if (rect.intersects(line))
                    rect.moveLeft(line.right() + 2);
            take({-1, rect, text, false});
        }
    }

    /// Beyond the end of each arm and on the arc of each angle, where no other one is.
    void placeTags(const SceneCamera& camera) {
        const auto tag = [&](const QString& text, const QPointF& center) {
            QRectF rect(0, 0, m_plain.horizontalAdvance(text) + 6, m_plain.height());
            rect.moveCenter(center);
            const bool free = std::none_of(m_taken.begin(), m_taken.end(), [&](const QRectF& other) { return other.intersects(rect); });
            if (free && m_area.contains(rect))
                take({kTag, rect, text, false});
        };
        for (const SceneAxis& arm : m_scene.arms) {
            const auto from = camera.project(arm.from), to = camera.project(arm.to);
            const QPointF along = to.screen - from.screen;
            const double length = std::hypot(along.x(), along.y());
            if (from.inFront && to.inFront && length > 30) // seen end on: the label would hide the cloud
                tag(arm.label, to.screen + along / length * (m_plain.horizontalAdvance(arm.label) / 2 * std::abs(along.x()) / length + m_plain.height() * 0.8));
        }
        for (std::size_t i = 0; i < m_scene.angles.size(); ++i) {
            const QPolygonF arc = angleArc(m_scene, i, camera);
            if (arc.size() > 8)
                tag(m_scene.angles[i].label, arc[8]);
        }
    }

    const PointScene& m_scene;
    SceneCamera::Projector m_project;
    QFontMetricsF m_plain, m_bold;
    QRectF m_area;
    std::vector<QRectF> m_legend;
    std::vector<QRectF> m_taken;
    int m_columns = 0, m_rows = 0;
    std::vector<std::vector<std::pair<int, QPointF>>> m_cells; ///< [row, column] points and where they are seen
    std::vector<PlacedLabel> m_labels;
};

} // namespace

QFont emphasizedFont(const Theme& theme) {
    QFont font = theme.smallFont;
    font.setBold(true);
    return font;
}

double drawnRadius(const PointScene& scene, int point) {
    for (const SceneAnchor& anchor : scene.anchors)
        if (anchor.point == point)
            return kAnchorRadius;
    return pointRadius(scene.size()) * static_cast<double>(scene.sizeOf(point));
}

std::vector<PlacedLabel> placeLabels(const PointScene& scene, const SceneCamera& camera, const SceneFocus& focus, const Theme& theme,
                                     int limit) {
    LabelLayout layout(scene, camera, theme);
    std::unordered_set<int> done;
    const auto mark = [&](int point) { return done.insert(point).second; };
    const auto isAnchor = [&](int point) { return drawnRadius(scene, point) == kAnchorRadius; };
    for (const int point : {focus.selected, focus.hovered})
        if (point >= 0 && point < scene.size() && !scene.labels.empty() && !isAnchor(point) && mark(point))
            layout.place(point, scene.labels[point], true, true);
    int forced = kForcedAnchors;
    for (const SceneAnchor& anchor : scene.anchors)
        if (mark(anchor.point))
            layout.place(anchor.point, anchor.label, true, forced-- > 0 || anchor.point == focus.selected || anchor.point == focus.hovered);
    const std::size_t most = layout.count() + static_cast<std::size_t>(limit);
    for (const int point : focus.neighbours)
        if (mark(point))
            layout.place(point, scene.labels[point], true, false);
    const int tried = scene.labels.empty() ? 0 : std::min(kLabelCandidates, scene.size());
    for (int i = 0; i < (scene.labelOrder.empty() ? tried : static_cast<int>(scene.labelOrder.size())); ++i) {
        if (layout.count() >= most)
            break;
        const int point = scene.labelOrder.empty() ? i : scene.labelOrder[static_cast<std::size_t>(i)];
        if (mark(point))
            layout.place(point, scene.labels[point], false, false);
    }
    return std::move(layout).result();
}

} // namespace sinkscope
