// SPDX-License-Identifier: Apache-2.0
#include "core/math/quality/distance_panels.h"

#include "core/base/simd.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>

namespace sinkscope {
namespace {

constexpr std::size_t kPanel = kDistancePanel;
constexpr std::size_t kTile = 2 * simd::kLanes; ///< points at once: eight sums in registers with four queries

/// Power of two by which all coordinates are multiplied.
float scaleOf(std::span<const float> data) {
    float largest = 0;
    for (const float value : data)
        largest = std::max(largest, std::abs(value));
    int exponent = 0;
    if (largest > 0)
        (void)std::frexp(largest, &exponent);
    return std::ldexp(1.0F, std::clamp(-exponent, -126, 126));
}

/// Adds the squared differences of four points, [width, 4], with the 32 points of a tile.
SINKSCOPE_INLINE void tile(const float* queries, const float* panel, std::size_t width, float* rows, std::size_t stride) {
    using namespace simd;
    Floats sums[kDistanceQueries][2] = {};
    for (std::size_t i = 0; i < width; ++i) {
        Floats first, second;
        load(first, panel + i * kPanel);
        load(second, panel + i * kPanel + kLanes);
        for (std::size_t q = 0; q < kDistanceQueries; ++q) {
            const float own = queries[i * kDistanceQueries + q];
            const Floats a = first - own, b = second - own;
            sums[q][0] += a * a;
            sums[q][1] += b * b;
        }
    }
    for (std::size_t q = 0; q < kDistanceQueries; ++q) {
        store(rows + q * stride, sums[q][0]);
        store(rows + q * stride + kLanes, sums[q][1]);
    }
}

SINKSCOPE_CLONES void panelDistances(const float* queries, const float* panel, std::size_t width, float* rows, std::size_t stride) {
    for (std::size_t column = 0; column < kPanel; column += kTile)
        tile(queries, panel + column, width, rows + column, stride);
}

} // namespace

DistancePanels::DistancePanels(std::span<const float> data, int points, int width)
    : m_points(static_cast<std::size_t>(points)), m_width(static_cast<std::size_t>(width)), m_panels((m_points + kPanel - 1) / kPanel),
      m_scale(scaleOf(data)), m_values(m_panels * m_width * kPanel, 0.0F) {
    for (std::size_t point = 0; point < m_points; ++point) {
        float* to = &m_values[point / kPanel * m_width * kPanel + point % kPanel];
        for (std::size_t i = 0; i < m_width; ++i)
            to[i * kPanel] = data[point * m_width + i] * m_scale;
    }
}

void DistancePanels::squaredDistances(const std::size_t* queries, float* rows) const {
    std::vector<float> own(m_width * kDistanceQueries);
    for (std::size_t q = 0; q < kDistanceQueries; ++q)
        for (std::size_t i = 0; i < m_width; ++i)
            own[i * kDistanceQueries + q] = m_values[(queries[q] / kPanel * m_width + i) * kPanel + queries[q] % kPanel];
    for (std::size_t panel = 0; panel < m_panels; ++panel)
        panelDistances(own.data(), &m_values[panel * m_width * kPanel], m_width, rows + panel * kPanel, stride());
}

void nearestOf(const float* row, std::size_t count, std::size_t k, std::vector<NearPoint>& near) {
    near.clear();
    for (std::uint32_t j = 0; j < count; ++j) {
        if (near.size() < k) {
            near.emplace_back(row[j], j);
            std::ranges::push_heap(near);
        } else if (row[j] < near.front().first) { // an equal one further on comes later by index
            std::ranges::pop_heap(near);
            near.back() = {row[j], j};
            std::ranges::push_heap(near);
        }
    }
    std::ranges::sort_heap(near);
}

std::vector<std::size_t> drawQueries(std::size_t points, std::size_t count, std::uint64_t seed) {
    std::vector<std::size_t> all(points);
    std::iota(all.begin(), all.end(), std::size_t{0});
    if (count >= points)
        return all;
    std::mt19937_64 random(seed);
    for (std::size_t i = 0; i < count; ++i) // not std::shuffle: its draws differ between libraries
        std::swap(all[i], all[i + random() % (all.size() - i)]);
    all.resize(count);
    std::ranges::sort(all);
    return all;
}

SINKSCOPE_CLONES std::size_t countBelow(const float* values, std::size_t count, float limit) {
    std::size_t below = 0;
    for (std::size_t i = 0; i < count; ++i)
        below += values[i] < limit ? 1 : 0;
    return below;
}

SINKSCOPE_CLONES DistanceSums sumDistances(const float* left, const float* right, std::size_t count) {
    double xx = 0, yy = 0, xy = 0; // in double: what a stress near 0 is made of cancels between the three
#pragma omp simd reduction(+ : xx, yy, xy)
    for (std::size_t i = 0; i < count; ++i) {
        const double x = left[i], y = right[i];
        xx += x;
        yy += y;
        xy += std::sqrt(x * y);
    }
    return {xx, yy, xy};
}

} // namespace sinkscope
