// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "views/theme.h"
#include "views/vtk/scene_camera.h"

#include <QString>
#include <QStringList>
#include <QVector3D>

#include <array>
#include <cstdint>
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

/// Of the mark that stands for a point.
enum class PointShape : std::uint8_t { Disc, Square, Triangle, Diamond, Plus, Wedge };
inline constexpr int kPointShapes = 6;
/// Distance from the centre of a shape measured so that 1 is its rim; `x` to the right and `y` up, the disc having radius 1.
float shapeDistance(PointShape shape, float x, float y);

/// Texts of points, each kept once: a million tokens use a few thousand pieces.
class SceneLabels {
public:
    [[nodiscard]] const QString& operator[](int point) const {
        return m_texts[static_cast<std::size_t>(m_index.empty() ? point : m_index[static_cast<std::size_t>(point)])];
    }
    [[nodiscard]] bool empty() const { return m_texts.empty(); }
    /// One text per point, in order.
    void push_back(const QString& text) { m_texts.push_back(text); }
    /// Point i shows texts[index[i]].
    void set(std::vector<QString> texts, std::vector<std::int32_t> index) {
        m_texts = std::move(texts);
        m_index = std::move(index);
    }
    [[nodiscard]] std::size_t bytes() const;

private:
    std::vector<QString> m_texts;
    std::vector<std::int32_t> m_index;
};

/// A line of the frame that anchors span, from the origin to an anchor.
struct SceneAxis {
    QVector3D from, to;
    QString label{}; ///< what stands at its end; may be empty
};

/// The angle between two axes of the frame.
struct SceneAngle {
    int first = 0, second = 0; ///< indices into PointScene::frame
    QString label;             ///< "63°"
};

/// What a 3D view of points shows, free of VTK and OpenGL. Points are in display coordinates: the largest side of `box` is 2.
struct PointScene {
    std::vector<QVector3D> points;  ///< [n]
    std::vector<float> scalars;     ///< [n] 0..1, place on the colour map, or with `colorNames` an index into it; NaN: no value (muted colour)
    std::vector<float> sizes;       ///< [n] relative radius; empty: all 1
    std::vector<PointShape> shapes; ///< [n]; empty: all discs
    SceneLabels labels;
    std::vector<int> labelOrder;    ///< the points whose labels are tried, the most important first; empty: by index
    std::vector<SceneAnchor> anchors;
    std::vector<SceneLink> links;   ///< the heaviest first
    std::vector<SceneAxis> frame;
    std::vector<SceneAngle> angles;
    std::vector<SceneAxis> arms;    ///< principal axes through the cloud, where they are not the axes of the box
    SceneBox box;
    std::array<QString, 3> axisLabels; ///< an empty one: that axis is not drawn
    QString colorTitle, colorLow, colorHigh; ///< legend; an empty title: none
    QStringList colorNames;         ///< of categories; empty: colours are a scale
    QString colorMissing;           ///< why some points have no value; empty: all have one
    QString sizeTitle, sizeLow, sizeHigh; ///< legend; an empty title: none
    float sizeLeast = 1, sizeMost = 1;    ///< relative radii that sizeLow and sizeHigh stand for
    QString shapeTitle;             ///< legend; an empty title: none
    QStringList shapeNames;         ///< by PointShape
    QStringList notes;              ///< what the reader must know ("distances are logarithmic")

    [[nodiscard]] int size() const { return static_cast<int>(points.size()); }
    /// Memory of everything there is one of per point.
    [[nodiscard]] std::size_t bytes() const;
    [[nodiscard]] PointShape shapeOf(int point) const { return shapes.empty() ? PointShape::Disc : shapes[static_cast<std::size_t>(point)]; }
    [[nodiscard]] float sizeOf(int point) const { return sizes.empty() ? 1.0F : sizes[static_cast<std::size_t>(point)]; }
};

/// Colours of points: on the map, or of their category.
class PointColors {
public:
    PointColors(const PointScene& scene, const Theme& theme);
    [[nodiscard]] QRgb operator[](int point) const {
        const float value = m_scene.scalars[static_cast<std::size_t>(point)];
        if (value != value)
            return m_missing;
        if (!m_categories.empty())
            return m_categories[static_cast<std::size_t>(value) % m_categories.size()];
        return m_table[static_cast<std::size_t>((value < 0 ? 0.0F : value > 1 ? 1.0F : value) * 255)];
    }
    /// The colour of category `index`; it comes again after as many as the theme has.
    [[nodiscard]] QRgb category(int index) const { return m_categories[static_cast<std::size_t>(index) % m_categories.size()]; }

private:
    const PointScene& m_scene;
    const std::vector<QRgb>& m_table;
    std::vector<QRgb> m_categories;
    QRgb m_missing;
};

/// Of a large cloud, so many labels are tried.
inline constexpr int kLabelCandidates = 400;
/// The points of greatest importance ([n]; NaN last), for PointScene::labelOrder.
std::vector<int> labelOrderOf(const std::vector<float>& importance);

/// What the pointer and the selection add to a scene; -1: nothing.
struct SceneFocus {
    int selected = -1;
    int hovered = -1;
    std::vector<int> marked{}; ///< points of the selected set, ascending
    std::vector<int> neighbours{}; ///< nearest points of the selected one, nearest first
};

/// Outer radius of the star of an anchor, logical pixels.
inline constexpr double kAnchorRadius = 11;
/// Radius of a point of size 1 in logical pixels, smaller when there are many.
double pointRadius(int points);

} // namespace sinkscope
