// SPDX-License-Identifier: Apache-2.0
#include "core/math/umap/pair_products.h"

#include "core/base/simd.h"

namespace sinkscope {
namespace {

constexpr std::size_t kPanel = kPanelPoints;
constexpr std::size_t kRows = kTileRows, kColumns = kTileColumns; ///< eight sums in registers: as many as hide a multiplication's latency

/// Dissimilarities of four points with thirty-two, to `out`. False, and nothing written, when none is wanted.
SINKSCOPE_INLINE bool tile(const PanelSide& left, const PanelSide& right, std::size_t row, std::size_t column, std::size_t width, float factor, float* out) {
    using namespace simd;
    Floats sums[kRows][2] = {};
    for (std::size_t i = 0; i < width; ++i) {
        Floats first, second;
        load(first, right.values + i * kPanel + column);
        load(second, right.values + i * kPanel + column + kLanes);
        for (std::size_t r = 0; r < kRows; ++r) {
            const float value = left.values[i * kPanel + row + r];
            sums[r][0] += value * first;
            sums[r][1] += value * second;
        }
    }
    Floats smallest = Floats{} + 1.0f; // of dissimilarity - limit: not above 0 where one is wanted
    for (std::size_t half = 0; half < 2; ++half) {
        Floats offsets, limits;
        load(offsets, right.offsets + column + half * kLanes);
        load(limits, right.limits + column + half * kLanes);
        for (std::size_t r = 0; r < kRows; ++r) {
            sums[r][half] = (offsets + left.offsets[row + r]) - factor * sums[r][half];
            const Floats limit = limits > left.limits[row + r] ? limits : Floats{} + left.limits[row + r];
            const Floats beyond = sums[r][half] - limit;
            smallest = beyond < smallest ? beyond : smallest;
        }
    }
    float lanes[kLanes];
    store(lanes, smallest);
    float least = lanes[0];
    for (std::size_t lane = 1; lane < kLanes; ++lane)
        least = lanes[lane] < least ? lanes[lane] : least;
    if (least > 0)
        return false;
    for (std::size_t r = 0; r < kRows; ++r) {
        store(out + r * kColumns, sums[r][0]);
        store(out + r * kColumns + kLanes, sums[r][1]);
    }
    return true;
}

} // namespace

PackedPanels::PackedPanels(std::span<const float> data, int points, int width)
    : m_count((points + kPanelPoints - 1) / kPanelPoints), m_width(width) {
    m_values.assign(static_cast<std::size_t>(m_count) * static_cast<std::size_t>(width) * kPanel, 0.0F);
    for (std::size_t point = 0; point < static_cast<std::size_t>(points); ++point) {
        float* to = &m_values[point / kPanel * static_cast<std::size_t>(width) * kPanel + point % kPanel];
        for (std::size_t i = 0; i < static_cast<std::size_t>(width); ++i)
            to[i * kPanel] = data[point * static_cast<std::size_t>(width) + i];
    }
}

SINKSCOPE_CLONES void findPromising(const PanelSide& left, const PanelSide& right, int width, float factor, PromisingTiles& tiles) {
    int count = 0;
    for (std::size_t column = 0; column < kPanel; column += kColumns) // 32 columns of the right panel stay in the first cache
        for (std::size_t row = 0; row < kPanel; row += kRows)
            if (tile(left, right, row, column, static_cast<std::size_t>(width), factor, &tiles.values[static_cast<std::size_t>(count) * kRows * kColumns]))
                tiles.places[static_cast<std::size_t>(count++)] = static_cast<std::uint16_t>(row / kRows * (kPanel / kColumns) + column / kColumns);
    tiles.count = count;
}

} // namespace sinkscope
