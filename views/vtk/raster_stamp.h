// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "views/vtk/point_scene.h"

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

namespace sinkscope {

/// One pixel of a shape: colour = base * multiply / 256 + add, laid over what is there by `cover` / 256.
struct StampPixel {
    std::uint16_t cover = 0, multiply = 256;
    std::uint8_t add = 0;
};

/// A shape of one radius with its centre at one place inside a pixel, ready to be copied.
struct RasterStamp {
    int left = 0, top = 0; ///< of the stamp, from the pixel that holds the centre
    int side = 0;
    std::vector<StampPixel> pixels; ///< [side, side]
};

/// Makes shapes when they are first wanted. Light, rim and soft edge are those of the OpenGL shader (point_shader.h). Thread: one at a time.
class StampBook {
public:
    explicit StampBook(bool dark) : m_dark(dark) {}
    /// `radius` in physical pixels; `x` and `y` the centre's place inside its pixel, 0..1.
    const RasterStamp& stamp(PointShape shape, float radius, float x, float y);
    static constexpr float kLargest = 400; ///< greater radii are drawn with this one

private:
    std::vector<std::unique_ptr<RasterStamp>> m_stamps;
    bool m_dark;
};

} // namespace sinkscope
