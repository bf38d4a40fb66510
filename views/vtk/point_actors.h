// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "views/theme.h"
#include "views/vtk/point_scene.h"

#include <vtkSmartPointer.h>

#include <array>
#include <utility>
#include <vector>

class vtkActor;
class vtkPointGaussianMapper;
class vtkPolyData;
class vtkRenderer;

namespace sinkscope {

/// A PointScene as VTK actors: points as shaded discs, links, axes and floor grid. Text, stars and marks of the selection are painted over
/// it by `paintOverlay`. Creating it needs no OpenGL context; rendering does. Thread: gui.
class PointActors {
public:
    PointActors();
    ~PointActors();
    PointActors(const PointActors&) = delete;
    PointActors& operator=(const PointActors&) = delete;

    void setScene(const PointScene& scene, const Theme& theme);
    /// Call before every frame. `pixelRatio` is physical pixels per logical pixel. While `moving`, large clouds are drawn as plain points, which
    /// a software renderer draws several times faster. `multisampled`: the target turns opacity into coverage besides blending with it.
    void setView(const SceneCamera& camera, double pixelRatio, bool moving, bool multisampled);
    [[nodiscard]] vtkRenderer* renderer() const;

    /// From this many points on, motion uses plain points.
    static constexpr int kSimplifyFrom = 4000;

private:
    using Line = std::pair<QVector3D, QVector3D>;
    struct LinkGroup {
        std::vector<Line> lines;       ///< from centre to centre
        std::vector<QColor> colors;
        vtkSmartPointer<vtkPolyData> data;
        vtkSmartPointer<vtkActor> actor;
        double width = 1; ///< logical pixels
    };
    void setPoints(const PointScene& scene, const Theme& theme);
    void setLinks(const PointScene& scene, const Theme& theme);
    /// Ends links on the surface of the points: the discs that stand for spheres do not hide what enters them from the viewer's side.
    void trimLinks(float radius);
    void setMultisampled(bool multisampled);
    void fill(LinkGroup& group, const std::vector<Line>& lines) const;
    void setFrame(const PointScene& scene, const Theme& theme);

    vtkSmartPointer<vtkRenderer> m_renderer;
    vtkSmartPointer<vtkPolyData> m_points;
    vtkSmartPointer<vtkPointGaussianMapper> m_pointMapper;
    vtkSmartPointer<vtkActor> m_pointActor;
    std::array<LinkGroup, 4> m_links;
    LinkGroup m_axes, m_grid;
    double m_radius = 5; ///< logical pixels
    int m_count = 0;
    bool m_multisampled = true;
    float m_trimmed = -1; ///< radius in display units that links are trimmed to; -1: not yet
};

/// Width in logical pixels and opacity of one link among `links`: the more there are, the fainter each.
struct LinkStyle {
    double width = 1, opacity = 1;
};
LinkStyle linkStyle(float weight, std::size_t links);

/// Faint lines on the floor of a scene, for depth.
std::vector<std::pair<QVector3D, QVector3D>> floorGrid(const PointScene& scene);
inline constexpr double kGridOpacity = 0.09, kAxisOpacity = 0.6;

} // namespace sinkscope
