// SPDX-License-Identifier: Apache-2.0
#include "views/vtk/scene_overlay.h"

#include "views/vtk/label_layout.h"

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

void paintLegend(QPainter& painter, const PointScene& scene, const QSizeF& size, const Theme& theme) {
    if (scene.colorTitle.isEmpty())
        return;
    painter.setFont(theme.smallFont);
    const QFontMetricsF metrics(theme.smallFont);
    constexpr double kWidth = 120, kHeight = 7;
    const double left = 10, top = size.height() - 12 - kHeight - metrics.height();
    const auto& table = sequentialTable("viridis");
    const QImage bar(reinterpret_cast<const uchar*>(table.data()), 256, 1, 256 * 4, QImage::Format_RGB32);
    painter.drawImage(QRectF(left, top, kWidth, kHeight), bar);
    painter.setPen(theme.mutedText);
    painter.drawText(QPointF(left, top - 5), scene.colorTitle);
    if (!scene.colorMissing.isEmpty()) {
        painter.drawText(QPointF(left + kWidth + 24, top + kHeight / 2 + metrics.ascent() / 2 - 1), scene.colorMissing);
        painter.setBrush(theme.mutedText);
        painter.drawEllipse(QPointF(left + kWidth + 16, top + kHeight / 2), 3.5, 3.5);
    }
    const double base = top + kHeight + metrics.ascent() + 2;
    painter.drawText(QPointF(left, base), scene.colorLow);
    painter.drawText(QPointF(left + kWidth - metrics.horizontalAdvance(scene.colorHigh), base), scene.colorHigh);
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

void paintOverlay(QPainter& painter, const PointScene& scene, const SceneCamera& camera, const SceneFocus& focus, const Theme& theme) {
    painter.setRenderHints(QPainter::Antialiasing | QPainter::TextAntialiasing | QPainter::SmoothPixmapTransform);
    if (scene.points.empty())
        return paintNotes(painter, scene, camera.viewport(), theme);
    if (focus.hovered != focus.selected)
        paintFocus(painter, scene, camera, focus.hovered, theme.mutedText, 1.25);
    paintFocus(painter, scene, camera, focus.selected, theme.accent, 2.25);
    const QColor outline = theme.anchor.darker(theme.isDark ? 300 : 230);
    for (const SceneAnchor& anchor : scene.anchors)
        if (const auto at = camera.project(scene.points[static_cast<std::size_t>(anchor.point)]); at.inFront) {
            painter.setPen(QPen(outline, 1.4, Qt::SolidLine, Qt::SquareCap, Qt::MiterJoin));
            painter.setBrush(theme.anchor);
            painter.drawPolygon(anchorStar(at.screen));
        }
    for (const PlacedLabel& label : placeLabels(scene, camera, focus, theme, kLabelLimit)) {
        painter.setFont(label.emphasized ? emphasizedFont(theme) : theme.smallFont);
        if (label.point < 0) {
            painter.setPen(theme.mutedText);
            painter.drawText(label.rect, Qt::AlignCenter | Qt::TextSingleLine, label.text);
        } else {
            paintText(painter, label.rect, label.text, theme.text, theme.panel);
        }
    }
    paintLegend(painter, scene, camera.viewport(), theme);
    paintNotes(painter, scene, camera.viewport(), theme);
}

} // namespace sinkscope
