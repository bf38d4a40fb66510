// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "views/theme.h"
#include "views/vtk/point_scene.h"

#include <vtkSmartPointer.h>

#include <array>

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
    /// a software renderer draws several times faster.
    void setView(const SceneCamera& camera, double pixelRatio, bool moving);
    [[nodiscard]] vtkRenderer* renderer() const;

    /// From this many points on, motion uses plain points.
    static constexpr int kSimplifyFrom = 4000;

private:
    struct LinkGroup {
        vtkSmartPointer<vtkPolyData> data;
        vtkSmartPointer<vtkActor> actor;
        double width = 1; ///< logical pixels
    };
    void setPoints(const PointScene& scene, const Theme& theme);
    void setLinks(const PointScene& scene, const Theme& theme);
    void setFrame(const PointScene& scene, const Theme& theme);

    vtkSmartPointer<vtkRenderer> m_renderer;
    vtkSmartPointer<vtkPolyData> m_points;
    vtkSmartPointer<vtkPointGaussianMapper> m_pointMapper;
    vtkSmartPointer<vtkActor> m_pointActor;
    std::array<LinkGroup, 4> m_links;
    LinkGroup m_axes, m_grid;
    double m_radius = 5; ///< logical pixels
    int m_count = 0;
};

/// Width in logical pixels and opacity of one link among `links`: the more there are, the fainter each.
struct LinkStyle {
    double width = 1, opacity = 1;
};
LinkStyle linkStyle(float weight, std::size_t links);

} // namespace sinkscope
