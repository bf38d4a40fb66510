// SPDX-License-Identifier: Apache-2.0
#include "views/vtk/scene_raster.h"

#include "views/vtk/raster_lines.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace sinkscope {

namespace {

constexpr std::size_t kPiece = 16384; // points between two looks at the clock
constexpr int kLevels = 65536;        // of depth, when points are put in order

/// `over` on `under` by cover / 256, all four channels at once.
QRgb blend(QRgb under, QRgb over, std::uint32_t cover) {
    const std::uint32_t rest = 256 - cover;
    const std::uint32_t even = ((under & 0x00ff00ffU) * rest + (over & 0x00ff00ffU) * cover) >> 8;
    const std::uint32_t odd = ((under >> 8) & 0x00ff00ffU) * rest + ((over >> 8) & 0x00ff00ffU) * cover;
    return (even & 0x00ff00ffU) | (odd & 0xff00ff00U);
}

QRgb shade(QRgb base, const StampPixel& pixel) {
    const auto channel = [&](int value) { return std::min(255, ((value * pixel.multiply) >> 8) + pixel.add); };
    return qRgb(channel(qRed(base)), channel(qGreen(base)), channel(qBlue(base)));
}

} // namespace

std::pair<double, double> fogRange(const SceneCamera& camera) {
    const double middle = static_cast<double>(QVector3D::dotProduct(camera.box().center() - camera.position(), camera.forward()));
    const auto radius = static_cast<double>(camera.box().radius());
    return {middle - 0.4 * radius, middle + radius};
}

void SceneRaster::begin(const Request& request) {
    m_request = request;
    m_ratio = static_cast<float>(request.pixelRatio);
    m_rows = request.camera.rows();
    m_radius = static_cast<float>(pointRadius(request.scene->size())) * m_ratio;
    const auto [nearFog, farFog] = fogRange(request.camera);
    m_fogNear = static_cast<float>(nearFog);
    m_fogFar = static_cast<float>(farFog);
    m_colors = std::make_unique<PointColors>(*request.scene, *request.theme);
    if (!m_stamps || m_stampsDark != request.theme->isDark) {
        m_stamps = std::make_unique<StampBook>(request.theme->isDark);
        m_stampsDark = request.theme->isDark;
    }
    const QSize size = (request.camera.viewport() * request.pixelRatio).toSize().expandedTo({1, 1});
    if (m_image.size() != size)
        m_image = QImage(size, QImage::Format_ARGB32_Premultiplied);
    m_image.setDevicePixelRatio(request.pixelRatio);
    m_image.fill(request.transparent ? QColor(Qt::transparent) : request.theme->panel);
    m_depth.assign(static_cast<std::size_t>(size.width()) * static_cast<std::size_t>(size.height()), -std::numeric_limits<float>::max());
    m_marks.clear();
    m_next = 0;
    m_stage = Stage::Project;
}

bool SceneRaster::project(int point, Mark& mark) const {
    const QVector3D& p = m_request.scene->points[static_cast<std::size_t>(point)];
    const float depth = m_rows.depth(p), weight = m_rows.perspective ? depth : m_rows.distance;
    if (m_rows.perspective && depth <= 1e-3F * m_rows.distance)
        return false;
    mark.x = (m_rows.centerX + m_rows.x(p) / weight) * m_ratio;
    mark.y = (m_rows.centerY + m_rows.y(p) / weight) * m_ratio;
    mark.nearness = nearnessOf(depth);
    mark.point = static_cast<std::uint32_t>(point);
    const float reach = 4 * m_radius + 2;
    return mark.x > -reach && mark.y > -reach && mark.x < static_cast<float>(m_image.width()) + reach &&
           mark.y < static_cast<float>(m_image.height()) + reach;
}

QRgb SceneRaster::foggy(int point, float nearness) const {
    const float depth = m_rows.perspective ? m_rows.distance / nearness : -nearness;
    const float haze = kFog * std::clamp((depth - m_fogNear) / (m_fogFar - m_fogNear), 0.0F, 1.0F);
    return blend((*m_colors)[point], m_request.theme->panel.rgb(), static_cast<std::uint32_t>(haze * 256));
}

bool SceneRaster::projectSome() {
    const auto count = static_cast<std::size_t>(m_request.scene->size());
    const std::size_t end = std::min(count, m_next + kPiece);
    if (m_next == 0)
        m_marks.reserve(count);
    Mark mark{};
    for (; m_next < end; ++m_next)
        if (project(static_cast<int>(m_next), mark))
            m_marks.push_back(mark);
    return m_next == count;
}

/// Far points first; equal depths by index, so that pictures are the same each time.
void SceneRaster::order() {
    float low = std::numeric_limits<float>::max(), high = -low;
    for (const Mark& mark : m_marks) {
        low = std::min(low, mark.nearness);
        high = std::max(high, mark.nearness);
    }
    const float scale = high > low ? (kLevels - 1) / (high - low) : 0;
    const auto level = [&](const Mark& mark) { return static_cast<std::size_t>((mark.nearness - low) * scale); };
    std::vector<std::uint32_t> starts(kLevels + 1, 0);
    for (const Mark& mark : m_marks)
        ++starts[level(mark) + 1];
    for (std::size_t i = 1; i < starts.size(); ++i)
        starts[i] += starts[i - 1];
    m_sorted.resize(m_marks.size());
    m_mostBytes = std::max(m_mostBytes, (m_marks.capacity() + m_sorted.capacity()) * sizeof(Mark));
    for (const Mark& mark : m_marks)
        m_sorted[starts[level(mark)]++] = mark;
    m_next = 0;
}

void SceneRaster::stamp(const Mark& mark) {
    const PointScene& scene = *m_request.scene;
    const auto point = static_cast<int>(mark.point);
    const float magnified = m_rows.perspective ? mark.nearness : 1.0F;
    const RasterStamp& stamp = m_stamps->stamp(scene.shapeOf(point), m_radius * scene.sizeOf(point) * std::min(magnified, 3.0F),
                                               mark.x - std::floor(mark.x), mark.y - std::floor(mark.y));
    const QRgb base = foggy(point, mark.nearness);
    const int left = static_cast<int>(std::floor(mark.x)) + stamp.left, top = static_cast<int>(std::floor(mark.y)) + stamp.top;
    const int firstColumn = std::max(0, -left), lastColumn = std::min(stamp.side, m_image.width() - left);
    for (int row = std::max(0, -top); row < std::min(stamp.side, m_image.height() - top); ++row) {
        const StampPixel* pixels = &stamp.pixels[static_cast<std::size_t>(row * stamp.side)];
        auto* line = reinterpret_cast<QRgb*>(m_image.bits() + static_cast<std::ptrdiff_t>(top + row) * m_image.bytesPerLine()) + left;
        float* depth = m_depth.data() + static_cast<std::ptrdiff_t>(top + row) * m_image.width() + left;
        for (int column = firstColumn; column < lastColumn; ++column) {
            const StampPixel& pixel = pixels[column];
            if (pixel.cover == 0)
                continue;
            line[column] = blend(line[column], shade(base, pixel), pixel.cover);
            if (pixel.cover >= 128)
                depth[column] = mark.nearness;
        }
    }
}

bool SceneRaster::stampSome() {
    const std::size_t end = std::min(m_sorted.size(), m_next + kPiece / 4);
    for (; m_next < end; ++m_next)
        stamp(m_sorted[m_next]);
    return m_next == m_sorted.size();
}

/// Blocks as large as the discs would be, nearer ones winning: no order, no edges.
void SceneRaster::splatAll() {
    const int count = m_request.scene->size(), width = m_image.width(), height = m_image.height();
    auto* pixels = reinterpret_cast<QRgb*>(m_image.bits());
    const auto stride = static_cast<std::ptrdiff_t>(m_image.bytesPerLine() / static_cast<qsizetype>(sizeof(QRgb)));
    Mark mark{};
    for (int i = 0; i < count; ++i) {
        if (!project(i, mark))
            continue;
        const float magnified = m_rows.perspective ? std::min(mark.nearness, 3.0F) : 1.0F;
        const float half = 0.85F * m_radius * m_request.scene->sizeOf(i) * magnified; // a square of the disc's area
        const int left = std::max(0, static_cast<int>(mark.x - half + 0.5F)), top = std::max(0, static_cast<int>(mark.y - half + 0.5F));
        const int right = std::min(width, std::max(left + 1, static_cast<int>(mark.x + half + 0.5F)));
        const int bottom = std::min(height, std::max(top + 1, static_cast<int>(mark.y + half + 0.5F)));
        if (left >= right || top >= bottom || m_depth[static_cast<std::size_t>(top) * static_cast<std::size_t>(width) + static_cast<std::size_t>(left)] > mark.nearness)
            continue; // a block whose corner is hidden is taken to be hidden
        const QRgb color = foggy(i, mark.nearness);
        for (int row = top; row < bottom; ++row)
            for (int column = left; column < right; ++column) {
                float& depth = m_depth[static_cast<std::size_t>(row) * static_cast<std::size_t>(width) + static_cast<std::size_t>(column)];
                if (depth <= mark.nearness) {
                    depth = mark.nearness;
                    pixels[row * stride + column] = color;
                }
            }
    }
}

void SceneRaster::lines() {
    RasterLines painter(m_image, m_depth, m_request.camera, m_ratio);
    painter.drawFrameOf(*m_request.scene, *m_request.theme);
    painter.drawLinksOf(*m_request.scene, *m_request.theme, m_request.quality == Quality::Fast);
}

bool SceneRaster::advance(const QDeadlineTimer& deadline) {
    while (m_stage != Stage::Done && !deadline.hasExpired()) {
        switch (m_stage) {
        case Stage::Project:
            if (m_request.quality == Quality::Fast) {
                splatAll();
                m_stage = Stage::Lines;
            } else if (projectSome()) {
                m_stage = Stage::Order;
            }
            break;
        case Stage::Order:
            order();
            m_stage = Stage::Points;
            break;
        case Stage::Points:
            if (stampSome())
                m_stage = Stage::Lines;
            break;
        case Stage::Lines:
            if (!m_request.pointsOnly)
                lines();
            m_stage = Stage::Done;
            break;
        case Stage::Done: break;
        }
    }
    if (m_stage == Stage::Done && !m_marks.empty()) { // a large cloud at rest needs none of it
        m_marks = {};
        m_sorted = {};
    }
    return isComplete();
}

QImage SceneRaster::draw(const Request& request) {
    begin(request);
    advance(QDeadlineTimer(QDeadlineTimer::Forever));
    return m_image;
}

} // namespace sinkscope
