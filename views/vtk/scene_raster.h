// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "views/vtk/raster_stamp.h"

#include <QDeadlineTimer>
#include <QImage>

namespace sinkscope {

/// Draws the geometry of a scene on the processor, with depth: where there is no graphics processor this is many times faster than a driver
/// that imitates one, and it draws figures of any size with or without a ground. The work can be cut into short pieces, so that a million
/// points need not hold up the window. Thread: one at a time (gui).
class SceneRaster {
public:
    enum class Quality {
        Full, ///< every point with its shape, edges smooth, far points first
        Fast  ///< every point as a small block behind nearer ones
    };
    struct Request {
        std::shared_ptr<const PointScene> scene;
        SceneCamera camera;
        const Theme* theme = nullptr;
        double pixelRatio = 1; ///< physical pixels per logical one
        Quality quality = Quality::Full;
        bool transparent = false; ///< no ground
        bool pointsOnly = false;  ///< no lines
    };

    /// Forgets what was begun.
    void begin(const Request& request);
    /// Goes on until the deadline; true once the picture is complete.
    bool advance(const QDeadlineTimer& deadline);
    [[nodiscard]] bool isComplete() const { return m_stage == Stage::Done; }
    /// Premultiplied; its pixel ratio is set.
    [[nodiscard]] const QImage& image() const { return m_image; }
    /// Begins and finishes.
    QImage draw(const Request& request);
    /// Working memory per point while drawing, the most there was so far.
    [[nodiscard]] std::size_t mostBytes() const { return m_mostBytes; }

private:
    enum class Stage { Project, Order, Points, Lines, Done };
    struct Mark {
        float x, y;        ///< physical pixels
        float nearness;    ///< grows towards the viewer, linear on the screen
        std::uint32_t point;
    };
    bool projectSome();
    void order();
    bool stampSome();
    void splatAll();
    void stamp(const Mark& mark);
    [[nodiscard]] QRgb foggy(int point, float depth) const;
    [[nodiscard]] bool project(int point, Mark& mark) const;
    [[nodiscard]] float nearnessOf(float depth) const { return m_rows.perspective ? m_rows.distance / depth : -depth; }
    void lines();

    Request m_request;
    Stage m_stage = Stage::Done;
    ScreenRows m_rows;
    float m_ratio = 1, m_radius = 1, m_fogNear = 0, m_fogFar = 1;
    std::size_t m_next = 0, m_mostBytes = 0;
    std::vector<Mark> m_marks, m_sorted;
    QImage m_image;
    std::vector<float> m_depth; ///< [height, width] nearness of what is drawn
    std::unique_ptr<StampBook> m_stamps;
    bool m_stampsDark = false;
    std::unique_ptr<PointColors> m_colors;
};

/// How much of the ground's colour the farthest points take on: distance read as haze.
inline constexpr float kFog = 0.5F;
/// Depths along the line of sight at which haze begins and is full.
std::pair<double, double> fogRange(const SceneCamera& camera);

} // namespace sinkscope
