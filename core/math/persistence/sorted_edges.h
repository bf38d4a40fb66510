// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <span>
#include <vector>

namespace sinkscope {

struct RipsEdge {
    double length = 0;
    std::int32_t first = 0, second = 0; ///< first < second
};

/// True if `a` comes before `b` in the filtration: by length, then by end points. A strict total order.
[[nodiscard]] inline bool comesBefore(const RipsEdge& a, const RipsEdge& b) {
    if (a.length != b.length)
        return a.length < b.length;
    return a.first != b.first ? a.first < b.first : a.second < b.second;
}

/// Smallest radius within which one point sees all others: min over rows of the row's maximum. From there on the flag
/// complex is a cone.
template <typename Scalar> double enclosingRadius(std::span<const Scalar> distances, int points);
/// All edges up to length `limit`, in the order of `comesBefore`. `distances` [points, points] as ripsBarcode demands
/// them.
template <typename Scalar>
std::vector<RipsEdge> sortedEdges(std::span<const Scalar> distances, int points, double limit);

extern template double enclosingRadius(std::span<const float>, int);
extern template double enclosingRadius(std::span<const double>, int);
extern template std::vector<RipsEdge> sortedEdges(std::span<const float>, int, double);
extern template std::vector<RipsEdge> sortedEdges(std::span<const double>, int, double);

} // namespace sinkscope
