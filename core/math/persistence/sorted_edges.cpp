// SPDX-License-Identifier: Apache-2.0
#include "core/math/persistence/sorted_edges.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <limits>
#include <utility>

namespace sinkscope {
namespace {

constexpr std::size_t kDigits = 8, kBuckets = 256;

/// The bits of a double that is not negative rise with its value.
std::size_t digitOf(const RipsEdge& edge, std::size_t digit) {
    return static_cast<std::size_t>(std::bit_cast<std::uint64_t>(edge.length) >> (8 * digit)) & (kBuckets - 1);
}

/// Stable radix sort by length. Lengths of one matrix share most of their leading bits, and those that come from 32-bit
/// numbers end in zeros; such digits cost nothing but their counts.
void sortByLength(std::vector<RipsEdge>& edges) {
    std::array<std::array<std::uint32_t, kBuckets>, kDigits> counts{};
    for (const RipsEdge& edge : edges)
        for (std::size_t digit = 0; digit < kDigits; ++digit)
            ++counts[digit][digitOf(edge, digit)];
    std::vector<RipsEdge> other(edges.size());
    for (std::size_t digit = 0; digit < kDigits; ++digit) {
        auto& count = counts[digit];
        if (edges.empty() || count[digitOf(edges.front(), digit)] == edges.size())
            continue;
        std::uint32_t begin = 0;
        for (std::uint32_t& bucket : count)
            begin += std::exchange(bucket, begin);
        for (const RipsEdge& edge : edges)
            other[count[digitOf(edge, digit)]++] = edge;
        edges.swap(other);
    }
}

} // namespace

template <typename Scalar> double enclosingRadius(std::span<const Scalar> distances, int points) {
    const auto n = static_cast<std::size_t>(points);
    double radius = std::numeric_limits<double>::infinity();
    for (std::size_t i = 0; i < n; ++i) {
        const auto row = distances.subspan(i * n, n);
        radius = std::min(radius, static_cast<double>(*std::max_element(row.begin(), row.end())));
    }
    return radius;
}

template <typename Scalar>
std::vector<RipsEdge> sortedEdges(std::span<const Scalar> distances, int points, double limit) {
    std::vector<RipsEdge> edges;
    const auto n = static_cast<std::size_t>(points);
    edges.reserve(n * (n - (n > 0)) / 2);
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t j = i + 1; j < n; ++j)
            // + 0.0: no negative zero
            if (const double length = static_cast<double>(distances[i * n + j]) + 0.0; length <= limit)
                edges.push_back({length, static_cast<std::int32_t>(i), static_cast<std::int32_t>(j)});
    sortByLength(edges);
    return edges;
}

template double enclosingRadius(std::span<const float>, int);
template double enclosingRadius(std::span<const double>, int);
template std::vector<RipsEdge> sortedEdges(std::span<const float>, int, double);
template std::vector<RipsEdge> sortedEdges(std::span<const double>, int, double);

} // namespace sinkscope
