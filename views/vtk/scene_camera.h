// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <QPointF>
#include <QSizeF>
#include <QVector3D>

#include <algorithm>
#include <array>

namespace sinkscope {

/// A box in display coordinates.
struct SceneBox {
    QVector3D low{-1, -1, -1}, high{1, 1, 1};
    [[nodiscard]] QVector3D center() const { return (low + high) / 2; }
    [[nodiscard]] float radius() const { return (high - low).length() / 2; }
    [[nodiscard]] QVector3D corner(int index) const; ///< 0..7, bits 0, 1, 2 choose high in x, y, z
    /// Where the axes are drawn: they meet at the corner that lies at the back and left of the standard view, so that neither they nor their
    /// labels cover points.
    [[nodiscard]] QVector3D axisOrigin() const { return {low.x(), high.y(), low.z()}; }
    [[nodiscard]] QVector3D axisEnd(int axis) const {
        QVector3D end = axisOrigin();
        end[axis] = axis == 1 ? low[axis] : high[axis];
        return end;
    }
};

/// A camera as three rows of numbers, for loops over millions of points: screen = center + (x, y) / weight.
struct ScreenRows {
    std::array<float, 4> rowX{}, rowY{}, rowW{}; ///< coefficients of x, y, z and 1
    float centerX = 0, centerY = 0;
    float distance = 1; ///< the weight at the focal point
    bool perspective = true;
    [[nodiscard]] static float dot(const std::array<float, 4>& row, const QVector3D& p) { return row[0] * p.x() + row[1] * p.y() + row[2] * p.z() + row[3]; }
    [[nodiscard]] float x(const QVector3D& p) const { return dot(rowX, p); }
    [[nodiscard]] float y(const QVector3D& p) const { return dot(rowY, p); }
    /// Depth in perspective, constant otherwise.
    [[nodiscard]] float weight(const QVector3D& p) const { return perspective ? dot(rowW, p) : distance; }
    [[nodiscard]] float depth(const QVector3D& p) const { return dot(rowW, p); }
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
    /// Changes what is framed without moving the camera.
    void setBox(const SceneBox& box) { m_box = box; }
    /// Looks from a direction, in degrees, framing the box.
    void lookFrom(double azimuth, double elevation);
    void setOrthographic(bool orthographic) { m_orthographic = orthographic; }

    /// Projects many points: everything that does not depend on the point is computed once.
    class Projector {
    public:
        explicit Projector(const SceneCamera& camera);
        Projected operator()(const QVector3D& point) const;
        /// Size of a thing at a depth beside its size at the focal point.
        [[nodiscard]] double magnification(double depth) const { return m_orthographic ? 1 : m_distance / std::max(depth, 1e-6 * m_distance); }

    private:
        QVector3D m_position, m_forward, m_right, m_up;
        double m_centerX, m_centerY, m_scale, m_distance;
        bool m_orthographic;
    };
    [[nodiscard]] Projector projector() const { return Projector(*this); }
    [[nodiscard]] ScreenRows rows() const;
    [[nodiscard]] Projected project(const QVector3D& point) const { return projector()(point); }
    /// Size of a pixel at the focal point, in display units.
    [[nodiscard]] double unitsPerPixel() const;

    /// Whether both show the same scene in the same way.
    [[nodiscard]] bool sameView(const SceneCamera& other) const;
    [[nodiscard]] bool isOrthographic() const { return m_orthographic; }
    [[nodiscard]] bool wasMoved() const { return m_moved; }
    [[nodiscard]] double azimuth() const { return m_azimuth; }
    [[nodiscard]] double elevation() const { return m_elevation; }
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
