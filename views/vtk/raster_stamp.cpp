// SPDX-License-Identifier: Apache-2.0
#include "views/vtk/raster_stamp.h"

#include <algorithm>
#include <cmath>

namespace sinkscope {

namespace {

// Small shapes move in quarters of a pixel and grow in eighths; for large ones that would be many stamps for no visible gain.
constexpr float kFineRadius = 12;
constexpr int kPlaces = 4;

/// How much a step of one pixel changes the distance of a shape, times its radius.
float slopeOf(PointShape shape) {
    switch (shape) {
    case PointShape::Disc: return 1;
    case PointShape::Square: return 1 / 0.84F;
    case PointShape::Triangle:
    case PointShape::Wedge: return 2;
    case PointShape::Diamond: return 1.414F;
    case PointShape::Plus: return 3;
    }
    return 1;
}

float smoothStep(float low, float high, float x) {
    const float t = std::clamp((x - low) / (high - low), 0.0F, 1.0F);
    return t * t * (3 - 2 * t);
}

StampPixel pixelAt(PointShape shape, float radius, float x, float y, bool dark) {
    const float slope = slopeOf(shape);
    const float d = shapeDistance(shape, x, y);
    const float cover = std::clamp((1 - d) * radius / slope + 0.5F, 0.0F, 1.0F);
    const float soft = slope / radius;
    // Tiny shapes would be nothing but rim.
    const float rim = smoothStep(0.86F - soft, 0.86F + soft, d) * std::clamp((radius - 1.5F) / 2.5F, 0.0F, 1.0F);
    const bool round = shape == PointShape::Disc;
    const float depth = std::sqrt(std::max(0.0F, 1 - x * x - y * y));
    const float light = round ? -0.35F * x + 0.5F * y + 0.79F * depth : 0.75F;
    const float highlight = round ? 0.16F * std::pow(std::max(light, 0.0F), 12.0F) * 255 : 0.0F;
    const float body = 0.84F + 0.16F * light;
    const float multiply = body * (1 - rim) + 0.55F * rim;
    const float add = highlight * (1 - rim) + (dark ? 0.95F * 255 * 0.45F : 0.0F) * rim;
    return {static_cast<std::uint16_t>(std::lround(cover * 256)), static_cast<std::uint16_t>(std::lround(multiply * 256)),
            static_cast<std::uint8_t>(std::lround(std::clamp(add, 0.0F, 255.0F)))};
}

RasterStamp makeStamp(PointShape shape, float radius, float x, float y, bool dark) {
    RasterStamp stamp;
    const int reach = static_cast<int>(std::ceil(radius + 0.5F));
    stamp.side = 2 * reach + 1;
    stamp.left = stamp.top = -reach;
    stamp.pixels.reserve(static_cast<std::size_t>(stamp.side) * static_cast<std::size_t>(stamp.side));
    for (int row = -reach; row <= reach; ++row)
        for (int column = -reach; column <= reach; ++column)
            stamp.pixels.push_back(pixelAt(shape, radius, (static_cast<float>(column) + 0.5F - x) / radius,
                                           -(static_cast<float>(row) + 0.5F - y) / radius, dark));
    return stamp;
}

} // namespace

const RasterStamp& StampBook::stamp(PointShape shape, float radius, float x, float y) {
    const bool fine = radius < kFineRadius;
    const int size = static_cast<int>(std::lround(std::clamp(radius, 0.5F, kLargest) * (fine ? 8.0F : 1.0F))) + (fine ? 0 : 8 * static_cast<int>(kFineRadius));
    const int places = fine ? kPlaces : 1;
    const int column = std::clamp(static_cast<int>(x * static_cast<float>(places)), 0, places - 1);
    const int row = std::clamp(static_cast<int>(y * static_cast<float>(places)), 0, places - 1);
    const auto key = static_cast<std::size_t>(((size * kPointShapes + static_cast<int>(shape)) * kPlaces + row) * kPlaces + column);
    if (key >= m_stamps.size())
        m_stamps.resize(key + 1);
    auto& found = m_stamps[key];
    if (!found) {
        const float exact = fine ? static_cast<float>(size) / 8 : static_cast<float>(size - 8 * static_cast<int>(kFineRadius));
        const auto middle = [places](int cell) { return (static_cast<float>(cell) + 0.5F) / static_cast<float>(places); };
        found = std::make_unique<RasterStamp>(makeStamp(shape, exact, middle(column), middle(row), m_dark));
    }
    return *found;
}

} // namespace sinkscope
