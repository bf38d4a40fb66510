// SPDX-License-Identifier: Apache-2.0
#include "views/vtk/point_actors.h"

#include "views/vtk/point_shader.h"
#include "views/vtk/scene_raster.h"

#include <vtkActor.h>
#include <vtkAutoInit.h>
#include <vtkCamera.h>
#include <vtkCellArray.h>
#include <vtkCellData.h>
#include <vtkFloatArray.h>
#include <vtkNew.h>
#include <vtkPointData.h>
#include <vtkPointGaussianMapper.h>
#include <vtkPoints.h>
#include <vtkPolyData.h>
#include <vtkPolyDataMapper.h>
#include <vtkProperty.h>
#include <vtkRenderer.h>
#include <vtkShaderProperty.h>
#include <vtkUniforms.h>
#include <vtkUnsignedCharArray.h>

#include <algorithm>
#include <cmath>

namespace sinkscope {

namespace {

constexpr double kSoftRim = 0.7; // physical pixels that the soft edge takes from a disc

constexpr std::array kGroupWeight{0.0F, 0.15F, 0.4F, 0.7F}; ///< lower bounds of the groups of equally wide links

void setLines(vtkPolyData& data, const std::vector<std::pair<QVector3D, QVector3D>>& lines, const std::vector<QColor>& colors) {
    vtkNew<vtkPoints> points;
    vtkNew<vtkCellArray> cells;
    vtkNew<vtkUnsignedCharArray> rgba;
    rgba->SetName("color");
    rgba->SetNumberOfComponents(4);
    for (std::size_t i = 0; i < lines.size(); ++i) {
        const auto& [from, to] = lines[i];
        const vtkIdType ids[2] = {points->InsertNextPoint(from.x(), from.y(), from.z()), points->InsertNextPoint(to.x(), to.y(), to.z())};
        cells->InsertNextCell(2, ids);
        const QColor& color = colors[i];
        rgba->InsertNextTuple4(color.red(), color.green(), color.blue(), color.alpha());
    }
    data.SetPoints(points);
    data.SetLines(cells);
    data.GetCellData()->SetScalars(rgba);
    data.Modified();
}

QColor withAlpha(QColor color, double alpha) {
    color.setAlphaF(static_cast<float>(alpha));
    return color;
}

vtkSmartPointer<vtkActor> lineActor(vtkPolyData* data) {
    vtkNew<vtkPolyDataMapper> mapper;
    mapper->SetInputData(data);
    mapper->SetScalarModeToUseCellData();
    mapper->SetColorModeToDirectScalars();
    auto actor = vtkSmartPointer<vtkActor>::New();
    actor->SetMapper(mapper);
    actor->GetProperty()->LightingOff();
    return actor;
}

} // namespace

PointActors::PointActors() : m_renderer(vtkSmartPointer<vtkRenderer>::New()) {
    m_points = vtkSmartPointer<vtkPolyData>::New();
    m_pointMapper = vtkSmartPointer<vtkPointGaussianMapper>::New();
    m_pointMapper->SetInputData(m_points);
    m_pointMapper->EmissiveOff();
    m_pointMapper->SetTriangleScale(1.0F);
    m_pointMapper->SetColorModeToDirectScalars();
    m_pointActor = vtkSmartPointer<vtkActor>::New();
    m_pointActor->SetMapper(m_pointMapper);
    m_pointActor->ForceOpaqueOn(); // edges are softened by coverage, so that depth is right without sorting
    for (LinkGroup* group : {&m_grid, &m_axes, m_links.data(), &m_links[1], &m_links[2], &m_links[3]}) {
        group->data = vtkSmartPointer<vtkPolyData>::New();
        group->actor = lineActor(group->data);
        m_renderer->AddActor(group->actor);
    }
    for (std::size_t i = 0; i < m_links.size(); ++i)
        m_links[i].width = linkStyle(i + 1 < m_links.size() ? (kGroupWeight[i] + kGroupWeight[i + 1]) / 2 : 0.85F, 1).width;
    m_axes.width = 1.25;
    m_renderer->AddActor(m_pointActor);
    m_renderer->SetUseDepthPeeling(false);
}

PointActors::~PointActors() = default;

vtkRenderer* PointActors::renderer() const { return m_renderer; }

std::size_t PointActors::bytes() const {
    constexpr std::size_t kColor = 4, kRadius = 4, kVertexBuffer = 20; // a point in VTK's buffer: place, colour and radius
    return static_cast<std::size_t>(m_count) * (kColor + (m_scene && m_scene->sizes.empty() ? kRadius : 0) + kVertexBuffer);
}

void PointActors::setScene(std::shared_ptr<const PointScene> kept, const Theme& theme) {
    const PointScene& scene = *kept;
    const QColor back = theme.panel;
    m_renderer->SetBackground(back.redF(), back.greenF(), back.blueF());
    m_pointMapper->SetSplatShaderCode(pointShader(theme).c_str());
    setPoints(scene, theme);
    setLinks(scene, theme);
    setFrame(scene, theme);
    m_scene = std::move(kept); // not before VTK has let go of the old one's memory
}

void PointActors::setPoints(const PointScene& scene, const Theme& theme) {
    m_count = scene.size();
    m_radius = pointRadius(m_count);
    const PointColors table(scene, theme);
    vtkNew<vtkPoints> points; // the scene's own memory: setScene keeps the scene
    vtkNew<vtkFloatArray> places;
    places->SetNumberOfComponents(3);
    static_assert(sizeof(QVector3D) == 3 * sizeof(float));
    places->SetArray(reinterpret_cast<float*>(const_cast<QVector3D*>(scene.points.data())), 3 * static_cast<vtkIdType>(m_count), 1);
    points->SetData(places);
    vtkNew<vtkUnsignedCharArray> colors; // opacity carries the shape to the shader
    colors->SetName("color");
    colors->SetNumberOfComponents(4);
    colors->SetNumberOfTuples(m_count);
    vtkNew<vtkFloatArray> sizes;
    sizes->SetName("size");
    if (scene.sizes.empty()) {
        sizes->SetNumberOfTuples(m_count);
        sizes->Fill(1.0);
    } else {
        sizes->SetArray(const_cast<float*>(scene.sizes.data()), m_count, 1);
    }
    unsigned char* bytes = m_count > 0 ? colors->GetPointer(0) : nullptr;
    for (int i = 0; i < m_count; ++i) {
        const QRgb color = table[i];
        *bytes++ = static_cast<unsigned char>(qRed(color));
        *bytes++ = static_cast<unsigned char>(qGreen(color));
        *bytes++ = static_cast<unsigned char>(qBlue(color));
        *bytes++ = static_cast<unsigned char>(255 - 8 * static_cast<int>(scene.shapeOf(i)));
    }
    m_points->Initialize();
    m_points->SetPoints(points);
    m_points->GetPointData()->SetScalars(colors);
    m_points->GetPointData()->AddArray(sizes);
    m_pointMapper->SetScaleArray("size");
    m_pointActor->SetVisibility(m_count > 0);
}

void PointActors::setLinks(const PointScene& scene, const Theme& theme) {
    for (LinkGroup& group : m_links) {
        group.lines.clear();
        group.colors.clear();
    }
    for (const SceneLink& link : scene.links) {
        std::size_t group = kGroupWeight.size() - 1;
        while (group > 0 && link.weight < kGroupWeight[group])
            --group;
        m_links[group].lines.emplace_back(scene.points[static_cast<std::size_t>(link.from)], scene.points[static_cast<std::size_t>(link.to)]);
        m_links[group].colors.push_back(withAlpha(theme.anchor, linkStyle(link.weight, scene.links.size()).opacity));
    }
    m_trimmed = -1;
}

void PointActors::trimLinks(float radius) {
    if (m_trimmed >= 0 && std::abs(radius - m_trimmed) < 0.02F * m_trimmed)
        return; // no zoom since
    m_trimmed = radius;
    for (LinkGroup& group : m_links) {
        std::vector<Line> lines = group.lines;
        for (auto& [from, to] : lines)
            if (const float length = (to - from).length(); length > 2 * radius) {
                const QVector3D step = (to - from) * (radius / length);
                from += step;
                to -= step;
            }
        fill(group, lines);
    }
}

void PointActors::fill(LinkGroup& group, const std::vector<Line>& lines) const {
    // Applied twice, as coverage and in blending, the root of the opacity has the effect of the opacity.
    std::vector<QColor> colors = group.colors;
    if (m_multisampled)
        for (QColor& color : colors)
            color.setAlphaF(std::sqrt(color.alphaF()));
    setLines(*group.data, lines, colors);
    group.actor->SetVisibility(!lines.empty());
}

void PointActors::setMultisampled(bool multisampled) {
    if (multisampled == m_multisampled)
        return;
    m_multisampled = multisampled;
    m_trimmed = -1; // links are filled again
    fill(m_axes, m_axes.lines);
    fill(m_grid, m_grid.lines);
}

void PointActors::setFrame(const PointScene& scene, const Theme& theme) {
    m_axes.lines.clear();
    for (int axis = 0; axis < 3; ++axis)
        if (!scene.axisLabels[static_cast<std::size_t>(axis)].isEmpty())
            m_axes.lines.emplace_back(scene.box.axisOrigin(), scene.box.axisEnd(axis));
    m_axes.colors.assign(m_axes.lines.size(), withAlpha(theme.mutedText, kAxisOpacity));
    m_grid.lines = floorGrid(scene);
    m_grid.colors.assign(m_grid.lines.size(), withAlpha(theme.mutedText, kGridOpacity));
    fill(m_axes, m_axes.lines);
    fill(m_grid, m_grid.lines);
}

void PointActors::setView(const SceneCamera& camera, double pixelRatio, bool moving, bool multisampled) {
    vtkCamera* target = m_renderer->GetActiveCamera();
    const QVector3D position = camera.position(), focal = camera.focalPoint(), up = camera.up();
    target->SetPosition(position.x(), position.y(), position.z());
    target->SetFocalPoint(focal.x(), focal.y(), focal.z());
    target->SetViewUp(up.x(), up.y(), up.z());
    target->SetViewAngle(SceneCamera::kFieldOfView);
    target->SetParallelScale(camera.unitsPerPixel() * camera.viewport().height() / 2);
    target->SetParallelProjection(camera.isOrthographic());
    const double reach = 3 * static_cast<double>(camera.box().radius());
    const double middle = QVector3D::dotProduct(camera.box().center() - position, camera.forward());
    const double nearest = camera.isOrthographic() ? middle - reach : std::max(0.01 * camera.distance(), middle - reach);
    target->SetClippingRange(nearest, std::max(nearest + reach, middle + reach));

    const auto [fogNear, fogFar] = fogRange(camera);
    vtkUniforms* uniforms = m_pointActor->GetShaderProperty()->GetFragmentCustomUniforms();
    uniforms->SetUniformf("clipNear", static_cast<float>(nearest));
    uniforms->SetUniformf("clipFar", static_cast<float>(std::max(nearest + reach, middle + reach)));
    uniforms->SetUniformf("fogNear", static_cast<float>(fogNear));
    uniforms->SetUniformf("fogFar", static_cast<float>(fogFar));
    uniforms->SetUniformf("parallel", camera.isOrthographic() ? 1.0F : 0.0F);
    setMultisampled(multisampled);
    trimLinks(static_cast<float>(camera.unitsPerPixel() * m_radius));
    const bool plain = moving && m_count >= kSimplifyFrom;
    m_pointMapper->SetScaleFactor(plain ? 0.0 : camera.unitsPerPixel() * (m_radius + kSoftRim / pixelRatio));
    m_pointActor->GetProperty()->SetPointSize(static_cast<float>(1.7 * m_radius * pixelRatio));
    for (LinkGroup* group : {&m_grid, &m_axes, m_links.data(), &m_links[1], &m_links[2], &m_links[3]})
        group->actor->GetProperty()->SetLineWidth(static_cast<float>(group->width * pixelRatio));
}

} // namespace sinkscope
