// SPDX-License-Identifier: Apache-2.0
#include "views/vtk/scene_overlay.h"

#include "views/vtk/label_layout.h"
#include "views/vtk/scene_legend.h"
#include "views/vtk/scene_lines.h"

#include <QFontMetricsF>
#include <QtMath>

#include <algorithm>
#include <cmath>

namespace sinkscope {

namespace {

constexpr int kLabelLimit = 80; // more is a wall of text

void paintText(QPainter& painter, const QRectF& rect, const QString& text, const QColor& color, const QColor& back) {
    QColor veil = back;
    veil.setAlphaF(0.72F);
    painter.setPen(Qt::NoPen);
    painter.setBrush(veil);
    painter.drawRoundedRect(rect.adjusted(0, 1, 0, -1), 2, 2);
    painter.setPen(color);
    painter.drawText(rect, Qt::AlignCenter | Qt::TextSingleLine, text);
}

/// A thin line to the floor and a ring: where the point is, and how high.
void paintFocus(QPainter& painter, const PointScene& scene, const SceneCamera& camera, int point, const QColor& color, double width) {
    if (point < 0 || point >= scene.size())
        return;
    const QVector3D position = scene.points[static_cast<std::size_t>(point)];
    const auto at = camera.project(position);
    if (!at.inFront)
        return;
    const auto foot = camera.project({position.x(), position.y(), scene.box.low.z()});
    painter.setBrush(Qt::NoBrush);
    if (foot.inFront) {
        painter.setPen(QPen(color, 1, Qt::DotLine));
        painter.drawLine(at.screen, foot.screen);
        painter.drawEllipse(foot.screen, 2.5, 1.5);
    }
    const double radius = drawnRadius(scene, point) + 2.5;
    painter.setPen(QPen(color, width));
    painter.drawEllipse(at.screen, radius, radius);
}

/// The selected set: rings, or dots where there would be too many rings.
void paintMarked(QPainter& painter, const PointScene& scene, const SceneCamera& camera, const std::vector<int>& marked, const Theme& theme) {
    constexpr std::size_t kRings = 3000;
    const auto project = camera.projector();
    QVector<QPointF> dots;
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(theme.accent, 1.5));
    for (const int point : marked) {
        const auto at = project(scene.points[static_cast<std::size_t>(point)]);
        if (!at.inFront)
            continue;
        const double radius = drawnRadius(scene, point) + 1.75;
        if (marked.size() <= kRings)
            painter.drawEllipse(at.screen, radius, radius);
        else
            dots << at.screen;
    }
    painter.setPen(QPen(theme.accent, 2.5 * pointRadius(scene.size())));
    painter.drawPoints(dots.constData(), static_cast<int>(dots.size()));
}

void paintNeighbours(QPainter& painter, const PointScene& scene, const SceneCamera& camera, const SceneFocus& focus, const Theme& theme) {
    if (focus.selected < 0 || focus.selected >= scene.size())
        return;
    const auto from = camera.project(scene.points[static_cast<std::size_t>(focus.selected)]);
    for (const int point : focus.neighbours) {
        const auto to = camera.project(scene.points[static_cast<std::size_t>(point)]);
        if (!from.inFront || !to.inFront)
            continue;
        painter.setPen(QPen(theme.accent, 1, Qt::DashLine));
        painter.drawLine(from.screen, to.screen);
        painter.setPen(QPen(theme.accent, 1.25));
        painter.setBrush(Qt::NoBrush);
        const double radius = drawnRadius(scene, point) + 1.5;
        painter.drawRect(QRectF(to.screen.x() - radius, to.screen.y() - radius, 2 * radius, 2 * radius));
    }
}

/// Principal axes of a cloud that is not shown along them.
void paintArms(QPainter& painter, const PointScene& scene, const SceneCamera& camera, const Theme& theme) {
    for (const SceneAxis& arm : scene.arms) {
        const auto from = camera.project(arm.from), to = camera.project(arm.to);
        if (!from.inFront || !to.inFront)
            continue;
        painter.setPen(QPen(theme.mutedText, 1.25, Qt::DashLine));
        painter.drawLine(from.screen, to.screen);
    }
}

/// The frame that anchors span: arms from the origin, arcs with the angles between them.
void paintFrame(QPainter& painter, const PointScene& scene, const SceneCamera& camera, const Theme& theme) {
    if (scene.frame.empty())
        return;
    const auto origin = camera.project(scene.frame.front().from);
    for (const SceneAxis& axis : scene.frame) {
        const auto from = camera.project(axis.from), to = camera.project(axis.to);
        if (!from.inFront || !to.inFront)
            continue;
        painter.setPen(QPen(theme.anchorText, 1.75, Qt::SolidLine, Qt::RoundCap));
        painter.drawLine(from.screen, to.screen);
    }
    if (origin.inFront) {
        painter.setPen(QPen(theme.anchorText, 1.5));
        painter.setBrush(theme.panel);
        painter.drawEllipse(origin.screen, 3.5, 3.5);
    }
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(theme.anchorText, 1, Qt::DotLine));
    for (std::size_t i = 0; i < scene.angles.size(); ++i)
        painter.drawPolyline(angleArc(scene, i, camera));
}

void paintOutline(QPainter& painter, const QPolygonF& outline, const Theme& theme) {
    QColor fill = theme.accent;
    fill.setAlphaF(0.12F);
    painter.setPen(QPen(theme.accent, 1.25, Qt::DashLine));
    painter.setBrush(fill);
    painter.drawPolygon(outline);
}

/// A star on a soft halo: seen before anything is read, whatever its colour.
void paintAnchor(QPainter& painter, const QPointF& at, const Theme& theme) {
    QRadialGradient halo(at, kAnchorRadius * 2.1);
    QColor glow = theme.anchor;
    glow.setAlphaF(theme.isDark ? 0.42F : 0.5F);
    halo.setColorAt(0.35, glow);
    glow.setAlphaF(0);
    halo.setColorAt(1, glow);
    painter.setPen(Qt::NoPen);
    painter.setBrush(halo);
    painter.drawEllipse(at, kAnchorRadius * 2.1, kAnchorRadius * 2.1);
    painter.setPen(QPen(theme.anchor.darker(theme.isDark ? 300 : 230), 1.4, Qt::SolidLine, Qt::SquareCap, Qt::MiterJoin));
    painter.setBrush(theme.anchor);
    painter.drawPolygon(anchorStar(at));
}

void paintNotes(QPainter& painter, const PointScene& scene, const QSizeF& size, const Theme& theme) {
    painter.setFont(theme.smallFont);
    double top = 6;
    for (const QString& note : scene.notes) {
        const QRectF room(10, top, size.width() - 20, size.height());
        const QRectF rect = painter.boundingRect(room, Qt::AlignLeft | Qt::TextWordWrap, note);
        QColor veil = theme.panel;
        veil.setAlphaF(0.8F);
        painter.fillRect(rect.adjusted(-3, -1, 3, 1), veil);
        painter.setPen(theme.mutedText);
        painter.drawText(rect, Qt::AlignLeft | Qt::TextWordWrap, note);
        top = rect.bottom() + 3;
    }
}

} // namespace

QPolygonF anchorStar(const QPointF& center, double radius) {
    QPolygonF star;
    for (int i = 0; i < 10; ++i) {
        const double angle = M_PI / 5 * i - M_PI / 2;
        const double r = i % 2 ? radius * 0.42 : radius;
        star << center + QPointF(std::cos(angle), std::sin(angle)) * r;
    }
    return star;
}

void paintMarks(QPainter& painter, const SceneState& state, const Theme& theme) {
    const PointScene& scene = *state.scene;
    const SceneCamera& camera = state.camera;
    const SceneFocus& focus = state.focus;
    painter.setRenderHints(QPainter::Antialiasing | QPainter::TextAntialiasing | QPainter::SmoothPixmapTransform);
    if (!scene.points.empty()) {
        paintArms(painter, scene, camera, theme);
        paintFrame(painter, scene, camera, theme);
        paintMarked(painter, scene, camera, focus.marked, theme);
        paintNeighbours(painter, scene, camera, focus, theme);
        if (focus.hovered != focus.selected)
            paintFocus(painter, scene, camera, focus.hovered, theme.mutedText, 1.25);
        paintFocus(painter, scene, camera, focus.selected, theme.accent, 2.25);
        for (const SceneAnchor& anchor : scene.anchors)
            if (const auto at = camera.project(scene.points[static_cast<std::size_t>(anchor.point)]); at.inFront)
                paintAnchor(painter, at.screen, theme);
        for (const PlacedLabel& label : placeLabels(scene, camera, focus, theme, kLabelLimit)) {
            painter.setFont(label.emphasized ? emphasizedFont(theme) : theme.smallFont);
            if (label.point == kTag) {
                paintText(painter, label.rect, label.text, theme.anchorText, theme.panel);
            } else if (label.point < 0) {
                painter.setPen(theme.mutedText);
                painter.drawText(label.rect, Qt::AlignCenter | Qt::TextSingleLine, label.text);
            } else {
                paintText(painter, label.rect, label.text, theme.text, theme.panel);
            }
        }
        paintLegend(painter, scene, camera.viewport(), theme);
    }
    paintNotes(painter, scene, camera.viewport(), theme);
    if (!state.outline.isEmpty())
        paintOutline(painter, state.outline, theme);
    if (state.focusFrame) {
        painter.setPen(QPen(theme.accent, 1));
        painter.setBrush(Qt::NoBrush);
        painter.drawRect(QRectF(QPointF(0, 0), camera.viewport()).adjusted(0.5, 0.5, -0.5, -0.5));
    }
}

} // namespace sinkscope
