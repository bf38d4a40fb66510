// SPDX-License-Identifier: Apache-2.0
#include "views/vtk/raster_lines.h"

#include "views/vtk/scene_lines.h"

#include <algorithm>
#include <cmath>

namespace sinkscope {

namespace {

constexpr std::size_t kFewLinks = 600;

/// Source over destination, both premultiplied after `opacity` 0..1 is applied.
QRgb over(QRgb under, QRgb color, float opacity) {
    const auto cover = static_cast<std::uint32_t>(opacity * 256 + 0.5F), rest = 256 - cover;
    const auto channel = [&](int a, int b) { return static_cast<int>((static_cast<std::uint32_t>(a) * cover + static_cast<std::uint32_t>(b) * rest) >> 8); };
    return qRgba(channel(qRed(color), qRed(under)), channel(qGreen(color), qGreen(under)), channel(qBlue(color), qBlue(under)),
                 channel(255, qAlpha(under)));
}

} // namespace

RasterLines::RasterLines(QImage& image, const std::vector<float>& depth, const SceneCamera& camera, float pixelRatio)
    : m_image(image), m_depth(depth), m_rows(camera.rows()), m_ratio(pixelRatio), m_bits(reinterpret_cast<QRgb*>(image.bits())) {}

RasterLines::End RasterLines::project(const QVector3D& point) const {
    const float depth = m_rows.depth(point), weight = m_rows.perspective ? depth : m_rows.distance;
    return {(m_rows.centerX + m_rows.x(point) / weight) * m_ratio, (m_rows.centerY + m_rows.y(point) / weight) * m_ratio,
            m_rows.perspective ? m_rows.distance / depth : -depth};
}

void RasterLines::draw(const QVector3D& from, const QVector3D& to, const QColor& color, double opacity, double width, double trimFrom, double trimTo) {
    QVector3D start = from, finish = to;
    if (m_rows.perspective) { // what lies behind the viewer is cut off
        const float nearest = 1e-2F * m_rows.distance;
        const float a = m_rows.depth(start), b = m_rows.depth(finish);
        if (a < nearest && b < nearest)
            return;
        if (a < nearest)
            start += (finish - start) * ((nearest - a) / (b - a));
        else if (b < nearest)
            finish += (start - finish) * ((nearest - b) / (a - b));
    }
    End a = project(start), b = project(finish);
    const float length = std::hypot(b.x - a.x, b.y - a.y);
    const float cutA = static_cast<float>(trimFrom) * m_ratio / length, cutB = static_cast<float>(trimTo) * m_ratio / length;
    if (!(length > 0) || cutA + cutB >= 1)
        return;
    const auto between = [&](float t) { return End{a.x + (b.x - a.x) * t, a.y + (b.y - a.y) * t, a.nearness + (b.nearness - a.nearness) * t}; };
    stroke(between(cutA), between(1 - cutB), color.rgb(), static_cast<float>(opacity), static_cast<float>(width) * m_ratio);
}

/// Walks along the longer side of the line; at each step the pixels across it are covered by their distance from its middle.
void RasterLines::stroke(End a, End b, QRgb color, float opacity, float width) {
    const bool steep = std::abs(b.y - a.y) > std::abs(b.x - a.x);
    if (steep) {
        std::swap(a.x, a.y);
        std::swap(b.x, b.y);
    }
    if (a.x > b.x)
        std::swap(a, b);
    const float run = b.x - a.x, slope = run > 0 ? (b.y - a.y) / run : 0, lean = 1 / std::sqrt(1 + slope * slope);
    const float half = std::max(width, 1.0F) / 2, faint = std::min(width, 1.0F) * opacity;
    const int along = steep ? m_image.height() : m_image.width(), across = steep ? m_image.width() : m_image.height();
    const auto stride = static_cast<std::ptrdiff_t>(m_image.bytesPerLine() / static_cast<qsizetype>(sizeof(QRgb)));
    const int reach = static_cast<int>(std::ceil((half + 0.5F) / lean));
    for (int step = std::max(0, static_cast<int>(std::floor(a.x))); step <= std::min(along - 1, static_cast<int>(std::floor(b.x))); ++step) {
        const float at = static_cast<float>(step) + 0.5F, t = run > 0 ? std::clamp((at - a.x) / run, 0.0F, 1.0F) : 0;
        const float middle = a.y + slope * (at - a.x), nearness = a.nearness + (b.nearness - a.nearness) * t;
        const float end = std::clamp(std::min(at - a.x, b.x - at) + 0.5F, 0.0F, 1.0F);
        const int center = static_cast<int>(std::floor(middle));
        for (int side = std::max(0, center - reach); side <= std::min(across - 1, center + reach); ++side) {
            const float distance = std::abs(static_cast<float>(side) + 0.5F - middle) * lean;
            const float cover = std::clamp(half + 0.5F - distance, 0.0F, 1.0F) * end * faint;
            const int row = steep ? step : side, column = steep ? side : step;
            if (cover <= 0.004F || m_depth[static_cast<std::size_t>(row) * static_cast<std::size_t>(m_image.width()) + static_cast<std::size_t>(column)] > nearness)
                continue;
            QRgb& pixel = m_bits[row * stride + column];
            pixel = over(pixel, color, cover);
        }
    }
}

void RasterLines::drawFrameOf(const PointScene& scene, const Theme& theme) {
    if (scene.points.empty())
        return;
    for (const auto& [from, to] : floorGrid(scene))
        draw(from, to, theme.mutedText, kGridOpacity, 1);
    for (int axis = 0; axis < 3; ++axis)
        if (!scene.axisLabels[static_cast<std::size_t>(axis)].isEmpty())
            draw(scene.box.axisOrigin(), scene.box.axisEnd(axis), theme.mutedText, kAxisOpacity, 1.25);
}

void RasterLines::drawLinksOf(const PointScene& scene, const Theme& theme, bool few) {
    const double radius = pointRadius(scene.size());
    std::vector<int> stars;
    for (const SceneAnchor& anchor : scene.anchors)
        stars.push_back(anchor.point);
    const auto rim = [&](int point) {
        const bool star = std::find(stars.begin(), stars.end(), point) != stars.end();
        return star ? kAnchorRadius * 0.6 : radius * static_cast<double>(scene.sizeOf(point));
    };
    const std::size_t count = few ? std::min(kFewLinks, scene.links.size()) : scene.links.size();
    for (std::size_t i = count; i-- > 0;) { // the heaviest on top
        const SceneLink& link = scene.links[i];
        const LinkStyle style = linkStyle(link.weight, scene.links.size());
        draw(scene.points[static_cast<std::size_t>(link.from)], scene.points[static_cast<std::size_t>(link.to)], theme.anchor, style.opacity, style.width,
             rim(link.from), rim(link.to));
    }
}

} // namespace sinkscope
