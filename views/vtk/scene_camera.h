// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <QPointF>
#include <QSizeF>
#include <QVector3D>

namespace sinkscope {

/// A box in display coordinates.
struct SceneBox {
    QVector3D low{-1, -1, -1}, high{1, 1, 1};
    [[nodiscard]] QVector3D center() const { return (low + high) / 2; }
    [[nodiscard]] float radius() const { return (high - low).length() / 2; }
    [[nodiscard]] QVector3D corner(int index) const; ///< 0..7, bits 0, 1, 2 choose high in x, y, z
};

/// A camera on a turntable around a focal point; the third axis always points up on the screen. Plain arithmetic, so that picking and
/// label placement need no OpenGL and can be tested without a display. Lengths on the screen are in logical pixels.
class SceneCamera {
public:
    enum class View { Standard, AlongFirst, AlongSecond, AlongThird };

    struct Projected {
        QPointF screen;     ///< from the top left corner
        double depth = 0;   ///< distance along the line of sight; smaller is nearer
        bool inFront = true;
    };

    /// Keeps what is framed in view when nobody has moved the camera yet.
    void setViewport(const QSizeF& size);
    /// Frames a box from the current direction, and remembers it for `reset`.
    void frame(const SceneBox& box);
    void reset(View view = View::Standard);

    void orbit(double degreesRight, double degreesUp);
    void pan(const QPointF& pixels);
    /// `factor` above 1 comes closer; what is under `cursor` stays there.
    void zoom(double factor, const QPointF& cursor);
    void setOrthographic(bool orthographic) { m_orthographic = orthographic; }

    [[nodiscard]] Projected project(const QVector3D& point) const;
    /// Size of a pixel at the focal point, in display units.
    [[nodiscard]] double unitsPerPixel() const;

    [[nodiscard]] bool isOrthographic() const { return m_orthographic; }
    [[nodiscard]] bool wasMoved() const { return m_moved; }
    [[nodiscard]] QSizeF viewport() const { return m_viewport; }
    [[nodiscard]] QVector3D focalPoint() const { return m_focal; }
    [[nodiscard]] QVector3D position() const { return m_focal - forward() * static_cast<float>(m_distance); }
    [[nodiscard]] QVector3D forward() const;
    [[nodiscard]] QVector3D up() const;
    [[nodiscard]] QVector3D right() const { return QVector3D::crossProduct(forward(), up()); }
    [[nodiscard]] double distance() const { return m_distance; }
    [[nodiscard]] const SceneBox& box() const { return m_box; }
    static constexpr double kFieldOfView = 28; ///< degrees, vertical: narrow, so that distances are little distorted

private:
    void fitBox();

    SceneBox m_box;
    QSizeF m_viewport{400, 300};
    QVector3D m_focal;
    double m_azimuth = -62, m_elevation = 20; ///< degrees
    double m_distance = 5;
    bool m_orthographic = false;
    bool m_moved = false;
};

} // namespace sinkscope
