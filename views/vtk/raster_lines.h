// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "views/vtk/point_scene.h"

#include <QImage>

namespace sinkscope {

/// Draws smooth lines into a picture, behind what is nearer. Thread: one at a time.
class RasterLines {
public:
    /// `depth` is [height, width] nearness (SceneRaster); both outlive the painter.
    RasterLines(QImage& image, const std::vector<float>& depth, const SceneCamera& camera, float pixelRatio);
    /// Axes and floor.
    void drawFrameOf(const PointScene& scene, const Theme& theme);
    /// Links, each from rim to rim of its points. `few`: the heaviest only.
    void drawLinksOf(const PointScene& scene, const Theme& theme, bool few);
    /// `width` in logical pixels; the ends are shortened by so many logical pixels.
    void draw(const QVector3D& from, const QVector3D& to, const QColor& color, double opacity, double width, double trimFrom = 0, double trimTo = 0);

private:
    struct End {
        float x = 0, y = 0, nearness = 0;
    };
    [[nodiscard]] End project(const QVector3D& point) const;
    void stroke(End a, End b, QRgb color, float opacity, float width);

    QImage& m_image;
    const std::vector<float>& m_depth;
    ScreenRows m_rows;
    float m_ratio;
    QRgb* m_bits;
};

} // namespace sinkscope
