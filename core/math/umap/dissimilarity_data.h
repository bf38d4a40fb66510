// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/math/umap/nearest_neighbours.h"

#include <span>
#include <vector>

namespace sinkscope {

/// Vectors prepared so that every dissimilarity is offset(a) + offset(b) - factor a.b, up to a rising function that does not change an order.
class DissimilarityData {
public:
    DissimilarityData(std::span<const float> data, int points, int width, Dissimilarity dissimilarity);
    [[nodiscard]] std::span<const float> values() const { return m_values; }
    [[nodiscard]] const float* row(int point) const { return &m_values[static_cast<std::size_t>(point) * static_cast<std::size_t>(m_width)]; }
    [[nodiscard]] int points() const { return m_points; }
    [[nodiscard]] int width() const { return m_width; }
    [[nodiscard]] float offset(int point) const { return m_offsets[static_cast<std::size_t>(point)]; }
    [[nodiscard]] float factor() const { return m_kind == Dissimilarity::InnerProduct ? 1.0F : 2.0F; }
    /// The dissimilarity itself, computed directly.
    [[nodiscard]] float between(int a, int b) const;

private:
    int m_points, m_width;
    Dissimilarity m_kind;
    double m_unit = 1;            ///< of m_values: lengths that float can square, however large or small the data
    std::vector<float> m_values;  ///< centred (Euclidean) or of length one (cosine), in m_unit
    std::vector<float> m_offsets; ///< [points]
};

} // namespace sinkscope
