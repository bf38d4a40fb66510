// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <span>
#include <vector>

namespace sinkscope {

/// Points one panel has.
inline constexpr std::size_t kDistancePanel = 256;
/// Queries whose distances are computed together.
inline constexpr std::size_t kDistanceQueries = 4;

/// Points packed for distances: panels of kDistancePanel points, each [width, kDistancePanel], the last one filled with zeros. Coordinates
/// are divided by a power of two that brings the largest to about 1, so that no square overflows; equal points stay equal.
class DistancePanels {
public:
    DistancePanels(std::span<const float> data, int points, int width);
    [[nodiscard]] std::size_t points() const { return m_points; }
    /// Entries of a row of distances: the points, rounded up to whole panels.
    [[nodiscard]] std::size_t stride() const { return m_panels * kDistancePanel; }
    /// Squared Euclidean distances of kDistanceQueries points with all others, `rows` is [kDistanceQueries, stride()]. Entries past the
    /// points mean nothing. Computed from differences, so that equal points have distance 0. Thread: any.
    void squaredDistances(const std::size_t* queries, float* rows) const;

private:
    std::size_t m_points = 0, m_width = 0, m_panels = 0;
    std::vector<float> m_values;
};

/// How many of `count` numbers are below `limit`. Thread: any.
std::size_t countBelow(const float* values, std::size_t count, float limit);

/// Sums over pairs of distances x (squared in `left`) and y (squared in `right`).
struct DistanceSums {
    double xx = 0, yy = 0, xy = 0;
};
/// Thread: any.
DistanceSums sumDistances(const float* left, const float* right, std::size_t count);

} // namespace sinkscope
