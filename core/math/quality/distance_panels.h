// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
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
    /// By what all coordinates were multiplied.
    [[nodiscard]] float scale() const { return m_scale; }
    /// Squared Euclidean distances of kDistanceQueries points with all others, `rows` is [kDistanceQueries, stride()]. Entries past the
    /// points mean nothing. Computed from differences, so that equal points have distance 0. Thread: any.
    void squaredDistances(const std::size_t* queries, float* rows) const;

private:
    std::size_t m_points = 0, m_width = 0, m_panels = 0;
    float m_scale = 1;
    std::vector<float> m_values;
};

/// Squared distance and point; ties go by the point.
using NearPoint = std::pair<float, std::uint32_t>;
/// The k smallest entries of a row of distances, rising; fewer when there are fewer. Thread: any.
void nearestOf(const float* row, std::size_t count, std::size_t k, std::vector<NearPoint>& near);

/// Which points to look at when not all: distinct, rising; `count` of `points`, drawn without replacement. Thread: any.
std::vector<std::size_t> drawQueries(std::size_t points, std::size_t count, std::uint64_t seed);

/// How many of `count` numbers are below `limit`. Thread: any.
std::size_t countBelow(const float* values, std::size_t count, float limit);

/// Sums over pairs of distances x (squared in `left`) and y (squared in `right`).
struct DistanceSums {
    double xx = 0, yy = 0, xy = 0;
};
/// Thread: any.
DistanceSums sumDistances(const float* left, const float* right, std::size_t count);

} // namespace sinkscope
