// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <span>
#include <vector>

namespace sinkscope {

/// An order of vectors in which neighbours are near each other, so that what works through them finds its data in the cache: the leaves, from
/// left to right, of a tree that halves the points again and again along the line through two random ones (Dasgupta and Freund, STOC 2008).
/// `data` is [points, width]; returns a permutation of 0..points-1, the same for the same data. Takes n log n. Thread: any.
std::vector<std::int32_t> localityOrder(std::span<const float> data, int points, std::size_t width);

} // namespace sinkscope
