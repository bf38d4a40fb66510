// SPDX-License-Identifier: Apache-2.0
#include "core/math/umap/locality_order.h"

#include "core/base/simd.h"

#include <algorithm>
#include <random>
#include <utility>

namespace sinkscope {
namespace {

/// Points of a leaf: with width 64 they fill a tenth of a second-level cache.
constexpr std::size_t kLeaf = 256;

SINKSCOPE_CLONES float product(const float* x, const float* y, std::size_t width) {
    simd::Floats sums{}, a, b;
    std::size_t at = 0;
    for (; at + simd::kLanes <= width; at += simd::kLanes) {
        simd::load(a, x + at);
        simd::load(b, y + at);
        sums += a * b;
    }
    if (at < width) {
        simd::loadPart(a, x + at, width - at, 0.0F);
        simd::loadPart(b, y + at, width - at, 0.0F);
        sums += a * b;
    }
    return simd::sum(sums);
}

} // namespace

std::vector<std::int32_t> localityOrder(std::span<const float> data, int points, std::size_t width) {
    std::mt19937 random(42);
    std::vector<std::pair<float, std::int32_t>> order(static_cast<std::size_t>(points)); // along the line of the last cut, point
    for (std::size_t i = 0; i < order.size(); ++i)
        order[i].second = static_cast<std::int32_t>(i);
    std::vector<float> line(width);
    std::vector<std::pair<std::size_t, std::size_t>> open{{0, order.size()}};
    while (!open.empty()) {
        const auto [begin, end] = open.back();
        open.pop_back();
        if (end - begin <= kLeaf)
            continue;
        const auto vectorOf = [&](std::size_t place) { return &data[static_cast<std::size_t>(order[place].second) * width]; };
        const float* a = vectorOf(begin + random() % (end - begin));
        const float* b = vectorOf(begin + random() % (end - begin));
        for (std::size_t i = 0; i < width; ++i)
            line[i] = a[i] - b[i];
        for (std::size_t place = begin; place < end; ++place)
            order[place].first = product(vectorOf(place), line.data(), width);
        const std::size_t middle = begin + (end - begin) / 2; // halves, whatever the data: duplicates cannot make the tree deep
        const auto first = order.begin();
        std::nth_element(first + static_cast<std::ptrdiff_t>(begin), first + static_cast<std::ptrdiff_t>(middle), first + static_cast<std::ptrdiff_t>(end));
        open.emplace_back(begin, middle);
        open.emplace_back(middle, end);
    }
    std::vector<std::int32_t> result;
    result.reserve(order.size());
    for (const auto& [along, point] : order)
        result.push_back(point);
    return result;
}

} // namespace sinkscope
