// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "views/vtk/scene_camera.h"

#include <QString>
#include <QStringList>
#include <QVector3D>

#include <array>
#include <vector>

namespace sinkscope {

/// A line between two points, drawn wider and stronger the larger its weight.
struct SceneLink {
    int from = 0, to = 0;
    float weight = 0; ///< 0..1
};

/// A point that others are measured from: drawn as a star with a label, never by colour alone.
struct SceneAnchor {
    int point = 0;
    QString label;
};

/// What a 3D view of points shows, free of VTK and OpenGL. Points are in display coordinates: the largest side of `box` is 2.
struct PointScene {
    std::vector<QVector3D> points;  ///< [n]
    std::vector<float> scalars;     ///< [n] 0..1, place on the colour map; NaN: no value (muted colour)
    std::vector<float> sizes;       ///< [n] relative radius; empty: all 1
    std::vector<QString> labels;    ///< [n]
    std::vector<float> priorities;  ///< [n] which labels to show first (larger first); empty: by index
    std::vector<SceneAnchor> anchors;
    std::vector<SceneLink> links;
    SceneBox box;
    std::array<QString, 3> axisLabels; ///< an empty one: that axis is not drawn
    QString colorTitle, colorLow, colorHigh; ///< legend; an empty title: none
    QString colorMissing;           ///< why some points have no value; empty: all have one
    QStringList notes;              ///< what the reader must know ("distances are logarithmic")

    [[nodiscard]] int size() const { return static_cast<int>(points.size()); }
};

/// What the pointer and the selection add to a scene; -1: nothing.
struct SceneFocus {
    int selected = -1;
    int hovered = -1;
};

/// Outer radius of the star of an anchor, logical pixels.
inline constexpr double kAnchorRadius = 11;
/// Radius of a point of size 1 in logical pixels, smaller when there are many.
double pointRadius(int points);

/// The point drawn under a position: the nearest to the viewer among those whose disc holds it, else the one closest on the screen within
/// `reach` pixels of its rim; -1 when none. Thread: any.
int pickPoint(const PointScene& scene, const SceneCamera& camera, const QPointF& position, double reach = 6);

} // namespace sinkscope
