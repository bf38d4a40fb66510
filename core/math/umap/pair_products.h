// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace sinkscope {

/// Points one side of a block of products has.
inline constexpr int kPanelPoints = 256;

/// Vectors packed for `findPromising`: panels of kPanelPoints points, each stored [width, kPanelPoints]; the last is filled with zeros.
class PackedPanels {
public:
    PackedPanels(std::span<const float> data, int points, int width);
    [[nodiscard]] int count() const { return m_count; }
    [[nodiscard]] int width() const { return m_width; }
    [[nodiscard]] const float* panel(int index) const {
        return &m_values[static_cast<std::size_t>(index) * static_cast<std::size_t>(m_width) * kPanelPoints];
    }

private:
    int m_count = 0, m_width = 0;
    std::vector<float> m_values;
};

/// Rows and columns of a tile of a block of pairs.
inline constexpr int kTileRows = 4, kTileColumns = 32;
inline constexpr int kTilesPerBlock = (kPanelPoints / kTileRows) * (kPanelPoints / kTileColumns);

/// What makes dissimilarities of products: offset(a) + offset(b) - factor a.b, and up to which they are wanted. One number per point.
struct PanelSide {
    const float* values = nullptr; ///< of PackedPanels
    const float* offsets = nullptr;
    const float* limits = nullptr;
};

/// Tiles of a block of pairs of points in which some dissimilarity does not exceed the limit of either point. Nearly all do, and are never
/// written to memory.
struct PromisingTiles {
    int count = 0;
    std::vector<std::uint16_t> places = std::vector<std::uint16_t>(kTilesPerBlock); ///< row of tiles x (kPanelPoints / kTileColumns) + column of tiles
    std::vector<float> values = std::vector<float>(static_cast<std::size_t>(kPanelPoints) * kPanelPoints); ///< [count, kTileRows, kTileColumns]
};

/// Compares all points of one panel with all of another. Vectorised for the processor that it runs on. Thread: any.
void findPromising(const PanelSide& left, const PanelSide& right, int width, float factor, PromisingTiles& tiles);

} // namespace sinkscope
