// SPDX-License-Identifier: Apache-2.0
#include "views/vtk/point_shader.h"

#include "views/vtk/scene_raster.h"

#include <cstdio>
#include <regex>

namespace sinkscope {

namespace {

// A disc with soft edge, rim and a slight highlight: reads as a sphere, yet keeps the colour of the map over most of its area. The rim is dark
// on a light ground and light on a dark one, so that both ends of the map stand out from it. Shapes: shapeDistance in point_scene.cpp.
constexpr const char* kShader = R"(//VTK::Color::Impl
    vec2 p = offsetVCVSOutput.xy;
    int shape = int((1.0 - vertexColorVSOutput.a) * 255.0 / 8.0 + 0.5);
    vec2 a = abs(p);
    float d = length(p);
    if (shape == 1) { d = max(a.x, a.y) / 0.84; }
    else if (shape == 2) { d = max(-p.y, 0.866 * a.x + 0.5 * p.y) / 0.5; }
    else if (shape == 3) { d = a.x + a.y; }
    else if (shape == 4) { d = min(max(a.x, 3.0 * a.y), max(a.y, 3.0 * a.x)); }
    else if (shape == 5) { d = max(p.y, 0.866 * a.x - 0.5 * p.y) / 0.5; }
    if (d > 1.0) { discard; }
    float soft = clamp(fwidth(d), 0.001, 0.5);
    opacity = 1.0 - smoothstep(1.0 - soft, 1.0, d);
    float rim = smoothstep(0.86 - soft, 0.86 + soft, d);
    float light = shape == 0 ? dot(vec3(p, sqrt(max(0.0, 1.0 - d * d))), vec3(-0.35, 0.5, 0.79)) : 0.75;
    vec3 body = diffuseColor * (0.84 + 0.16 * light) + vec3(shape == 0 ? 0.16 * pow(max(light, 0.0), 12.0) : 0.0);
    float z = gl_FragCoord.z;
    float depth = parallel > 0.5 ? mix(clipNear, clipFar, z) : clipNear * clipFar / (clipFar - z * (clipFar - clipNear));
    float haze = HAZE * clamp((depth - fogNear) / (fogFar - fogNear), 0.0, 1.0);
    ambientColor = mix(mix(body, mix(diffuseColor, vec3(RIM), 0.45), rim), vec3(GROUND), haze);
    diffuseColor = vec3(0.0);
)";

} // namespace

std::string pointShader(const Theme& theme) {
    char ground[64], haze[16];
    std::snprintf(ground, sizeof ground, "%.3f, %.3f, %.3f", theme.panel.redF(), theme.panel.greenF(), theme.panel.blueF());
    std::snprintf(haze, sizeof haze, "%.2f", static_cast<double>(kFog));
    std::string code = std::regex_replace(kShader, std::regex("RIM"), theme.isDark ? "0.95" : "0.0");
    code = std::regex_replace(code, std::regex("GROUND"), ground);
    return std::regex_replace(code, std::regex("HAZE"), haze);
}

} // namespace sinkscope
