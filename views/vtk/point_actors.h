// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "views/theme.h"
#include "views/vtk/scene_lines.h"

#include <vtkSmartPointer.h>

#include <array>
#include <memory>
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

    void setScene(std::shared_ptr<const PointScene> scene, const Theme& theme);
    /// Memory that VTK holds beside the scene's own.
    [[nodiscard]] std::size_t bytes() const;
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

    std::shared_ptr<const PointScene> m_scene; ///< whose memory VTK reads
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

} // namespace sinkscope
