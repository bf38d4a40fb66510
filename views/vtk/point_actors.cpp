// SPDX-License-Identifier: Apache-2.0
#include "views/vtk/point_actors.h"

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
#include <vtkUnsignedCharArray.h>

#include <algorithm>
#include <cmath>
#include <regex>

namespace sinkscope {

namespace {

// A disc with soft edge, rim and a slight highlight: reads as a sphere, yet keeps the colour of the map over most of its area. The rim is dark
// on a light ground and light on a dark one, so that both ends of the map stand out from it.
constexpr const char* kDisc = R"(//VTK::Color::Impl
    float d2 = dot(offsetVCVSOutput.xy, offsetVCVSOutput.xy);
    if (d2 > 1.0) { discard; }
    float d = sqrt(d2);
    float soft = clamp(fwidth(d), 0.001, 0.5);
    opacity = opacity * (1.0 - smoothstep(1.0 - soft, 1.0, d));
    float rim = smoothstep(0.86 - soft, 0.86 + soft, d);
    float light = dot(vec3(offsetVCVSOutput.xy, sqrt(1.0 - d2)), vec3(-0.35, 0.5, 0.79));
    vec3 body = diffuseColor * (0.84 + 0.16 * light) + vec3(0.16 * pow(max(light, 0.0), 12.0));
    ambientColor = mix(body, mix(diffuseColor, vec3(RIM), 0.45), rim);
    diffuseColor = vec3(0.0);
)";

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

LinkStyle linkStyle(float weight, std::size_t links) {
    const double w = std::clamp(static_cast<double>(weight), 0.0, 1.0);
    const double crowd = std::min(1.0, std::sqrt(40.0 / static_cast<double>(std::max<std::size_t>(links, 1))));
    return {1.0 + 1.8 * w, (0.12 + 0.5 * std::sqrt(w)) * std::max(0.12, crowd)};
}

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

void PointActors::setScene(const PointScene& scene, const Theme& theme) {
    const QColor back = theme.panel;
    m_renderer->SetBackground(back.redF(), back.greenF(), back.blueF());
    m_pointMapper->SetSplatShaderCode(std::regex_replace(kDisc, std::regex("RIM"), theme.isDark ? "0.95" : "0.0").c_str());
    setPoints(scene, theme);
    setLinks(scene, theme);
    setFrame(scene, theme);
}

void PointActors::setPoints(const PointScene& scene, const Theme& theme) {
    m_count = scene.size();
    m_radius = pointRadius(m_count);
    const auto& table = sequentialTable("viridis");
    vtkNew<vtkPoints> points;
    points->SetDataTypeToFloat();
    points->SetNumberOfPoints(m_count);
    vtkNew<vtkUnsignedCharArray> colors;
    colors->SetName("color");
    colors->SetNumberOfComponents(3);
    colors->SetNumberOfTuples(m_count);
    vtkNew<vtkFloatArray> sizes;
    sizes->SetName("size");
    sizes->SetNumberOfTuples(m_count);
    for (int i = 0; i < m_count; ++i) {
        const auto index = static_cast<std::size_t>(i);
        const QVector3D& p = scene.points[index];
        points->SetPoint(i, p.x(), p.y(), p.z());
        const float value = scene.scalars[index];
        const QRgb color = std::isnan(value) ? theme.mutedText.rgb() : table[static_cast<std::size_t>(std::clamp(value, 0.0F, 1.0F) * 255)];
        colors->SetTuple3(i, qRed(color), qGreen(color), qBlue(color));
        sizes->SetValue(i, scene.sizes.empty() ? 1.0F : scene.sizes[index]);
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

std::vector<std::pair<QVector3D, QVector3D>> floorGrid(const PointScene& scene) {
    std::vector<std::pair<QVector3D, QVector3D>> grid;
    if (scene.points.empty())
        return grid;
    const QVector3D low = scene.box.low, high = scene.box.high;
    // About four cells along the largest side: enough to see the plane, too coarse to read values from.
    constexpr float kStep = 0.5F;
    const int columns = std::max(1, qRound((high.x() - low.x()) / kStep)), rows = std::max(1, qRound((high.y() - low.y()) / kStep));
    for (int i = 1; i <= columns; ++i) {
        const float x = low.x() + (high.x() - low.x()) * static_cast<float>(i) / static_cast<float>(columns);
        grid.emplace_back(QVector3D(x, low.y(), low.z()), QVector3D(x, high.y(), low.z()));
    }
    for (int i = 0; i < rows; ++i) { // the line at the back is an axis
        const float y = low.y() + (high.y() - low.y()) * static_cast<float>(i) / static_cast<float>(rows);
        grid.emplace_back(QVector3D(low.x(), y, low.z()), QVector3D(high.x(), y, low.z()));
    }
    return grid;
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

    setMultisampled(multisampled);
    trimLinks(static_cast<float>(camera.unitsPerPixel() * m_radius));
    const bool plain = moving && m_count >= kSimplifyFrom;
    m_pointMapper->SetScaleFactor(plain ? 0.0 : camera.unitsPerPixel() * (m_radius + kSoftRim / pixelRatio));
    m_pointActor->GetProperty()->SetPointSize(static_cast<float>(1.7 * m_radius * pixelRatio));
    for (LinkGroup* group : {&m_grid, &m_axes, m_links.data(), &m_links[1], &m_links[2], &m_links[3]})
        group->actor->GetProperty()->SetLineWidth(static_cast<float>(group->width * pixelRatio));
}

} // namespace sinkscope
