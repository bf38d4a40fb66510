// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/simd.h"

#include <cstdint>
#include <vector>

namespace sinkscope {

/// Where a point is in the picture; in two dimensions z stays 0.
struct alignas(16) LayoutPlace {
    float x = 0, y = 0, z = 0, unused = 0;
};

/// Shape of the forces: membership 1 / (1 + a d^(2b)).
struct LayoutForces {
    float a = 1, b = 1;
    float repulsion = 1;
};

/// Two vectors: every step of a point waits for its last one, and two such chains hide each other's waiting.
inline constexpr std::size_t kGroupPoints = 2 * simd::kLanes;

/// Points that move at the same time, each along edges of its own.
struct MovingGroup {
    std::int32_t points[kGroupPoints] = {};          ///< lanes at and beyond `count` repeat the last one and are not written
    std::int32_t due[kGroupPoints] = {};             ///< how many samples each has in this epoch
    std::vector<std::int32_t> partners;              ///< [sample, lane]
    int count = 0, samples = 0;                      ///< largest of `due`
};

/// Pulls the points of a group along their samples, each followed by `pushes` away from random points below `pushers`, as LayoutOptimizer
/// describes. `before` holds all points; the new places go to `now`. `seed` is that of the half epoch. Thread: any, for different groups at
/// the same time.
void moveGroup(const MovingGroup& group, const LayoutForces& forces, int pushes, const LayoutPlace* before, int pushers, float rate,
               std::uint32_t seed, LayoutPlace* now);

} // namespace sinkscope
