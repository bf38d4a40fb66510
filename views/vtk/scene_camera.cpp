// SPDX-License-Identifier: Apache-2.0
#include "views/vtk/scene_camera.h"

#include <QtMath>

#include <algorithm>
#include <cmath>

namespace sinkscope {

namespace {
constexpr double kMargin = 44;        // pixels around the framed box: room for the labels of axes and anchors
const double kHalfTangent = std::tan(qDegreesToRadians(SceneCamera::kFieldOfView / 2));
} // namespace

QVector3D SceneBox::corner(int index) const {
    return {index & 1 ? high.x() : low.x(), index & 2 ? high.y() : low.y(), index & 4 ? high.z() : low.z()};
}

QVector3D SceneCamera::forward() const {
    const double a = qDegreesToRadians(m_azimuth), e = qDegreesToRadians(m_elevation);
    return -QVector3D(static_cast<float>(std::cos(e) * std::cos(a)), static_cast<float>(std::cos(e) * std::sin(a)),
                      static_cast<float>(std::sin(e)));
}

QVector3D SceneCamera::up() const {
    // The derivative of the viewing direction by elevation: defined at the poles too, where "z is up" is not.
    const double a = qDegreesToRadians(m_azimuth), e = qDegreesToRadians(m_elevation);
    return {static_cast<float>(-std::sin(e) * std::cos(a)), static_cast<float>(-std::sin(e) * std::sin(a)),
            static_cast<float>(std::cos(e))};
}

SceneCamera::Projector::Projector(const SceneCamera& camera)
    : m_position(camera.position()), m_forward(camera.forward()), m_right(camera.right()), m_up(camera.up()),
      m_centerX(camera.m_viewport.width() / 2), m_centerY(camera.m_viewport.height() / 2), m_scale(m_centerY / kHalfTangent),
      m_distance(camera.m_distance), m_orthographic(camera.m_orthographic) {}

SceneCamera::Projected SceneCamera::Projector::operator()(const QVector3D& point) const {
    const QVector3D offset = point - m_position;
    const double depth = static_cast<double>(QVector3D::dotProduct(offset, m_forward));
    const double scale = m_scale / (m_orthographic ? m_distance : std::max(depth, 1e-6));
    return {QPointF(m_centerX + static_cast<double>(QVector3D::dotProduct(offset, m_right)) * scale,
                    m_centerY - static_cast<double>(QVector3D::dotProduct(offset, m_up)) * scale),
            depth, m_orthographic || depth > 1e-3 * m_distance};
}

ScreenRows SceneCamera::rows() const {
    const auto scale = static_cast<float>(m_viewport.height() / 2 / kHalfTangent);
    const QVector3D from = position();
    const auto row = [&](const QVector3D& axis) {
        return std::array{axis.x(), axis.y(), axis.z(), -QVector3D::dotProduct(axis, from)};
    };
    ScreenRows rows;
    rows.rowX = row(right() * scale);
    rows.rowY = row(up() * -scale);
    rows.rowW = row(forward());
    rows.centerX = static_cast<float>(m_viewport.width() / 2);
    rows.centerY = static_cast<float>(m_viewport.height() / 2);
    rows.distance = static_cast<float>(m_distance);
    rows.perspective = !m_orthographic;
    return rows;
}

double SceneCamera::unitsPerPixel() const {
    return 2 * m_distance * kHalfTangent / std::max(1.0, m_viewport.height());
}

bool SceneCamera::sameView(const SceneCamera& other) const {
    return m_viewport == other.m_viewport && m_focal == other.m_focal && m_azimuth == other.m_azimuth && m_elevation == other.m_elevation &&
           m_distance == other.m_distance && m_orthographic == other.m_orthographic && m_box.low == other.m_box.low &&
           m_box.high == other.m_box.high;
}

void SceneCamera::setViewport(const QSizeF& size) {
    m_viewport = QSizeF(std::max(1.0, size.width()), std::max(1.0, size.height()));
    if (!m_moved)
        fitBox();
}

void SceneCamera::frame(const SceneBox& box) {
    m_box = box;
    m_moved = false;
    fitBox();
}

void SceneCamera::reset(View view) {
    switch (view) {
    case View::Standard: m_azimuth = -62, m_elevation = 20; break;
    case View::AlongFirst: m_azimuth = 0, m_elevation = 0; break;
    case View::AlongSecond: m_azimuth = -90, m_elevation = 0; break;
    case View::AlongThird: m_azimuth = -90, m_elevation = 90; break;
    }
    m_moved = false;
    fitBox();
}

void SceneCamera::lookFrom(double azimuth, double elevation) {
    m_azimuth = std::remainder(azimuth, 360.0);
    m_elevation = std::clamp(elevation, -90.0, 90.0);
    m_moved = false;
    fitBox();
}

void SceneCamera::fitBox() {
    m_focal = m_box.center();
    m_distance = std::max(1e-3, static_cast<double>(m_box.radius()) / kHalfTangent * 1.2);
    const double width = std::max(20.0, m_viewport.width() - 2 * kMargin);
    const double height = std::max(20.0, m_viewport.height() - 2 * kMargin);
    // Exact for the orthographic view; the perspective one converges within a few steps because the lens is narrow.
    for (int step = 0; step < 6; ++step) {
        QPointF low(1e9, 1e9), high(-1e9, -1e9);
        for (int i = 0; i < 8; ++i) {
            const QPointF p = project(m_box.corner(i)).screen;
            low = {std::min(low.x(), p.x()), std::min(low.y(), p.y())};
            high = {std::max(high.x(), p.x()), std::max(high.y(), p.y())};
        }
        const QPointF middle = (low + high) / 2 - QPointF(m_viewport.width(), m_viewport.height()) / 2;
        const auto unit = static_cast<float>(unitsPerPixel());
        m_focal += right() * static_cast<float>(middle.x()) * unit - up() * static_cast<float>(middle.y()) * unit;
        m_distance *= std::max((high.x() - low.x()) / width, (high.y() - low.y()) / height);
        m_distance = std::max(m_distance, static_cast<double>(m_box.radius()) * 1.05 + 1e-3);
    }
}

void SceneCamera::orbit(double degreesRight, double degreesUp) {
    m_azimuth = std::remainder(m_azimuth + degreesRight, 360.0);
    m_elevation = std::clamp(m_elevation + degreesUp, -90.0, 90.0);
    m_moved = true;
}

void SceneCamera::pan(const QPointF& pixels) {
    const auto unit = static_cast<float>(unitsPerPixel());
    m_focal += (up() * static_cast<float>(pixels.y()) - right() * static_cast<float>(pixels.x())) * unit;
    m_moved = true;
}

void SceneCamera::zoom(double factor, const QPointF& cursor) {
    const double before = m_distance;
    const double radius = std::max(1e-3, static_cast<double>(m_box.radius()));
    m_distance = std::clamp(m_distance / factor, radius * 0.02, radius * 40);
    const QPointF fromCenter = cursor - QPointF(m_viewport.width(), m_viewport.height()) / 2;
    m_moved = true;
    pan(fromCenter * (1 - before / m_distance));
}

} // namespace sinkscope
