// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/math/umap/umap_options.h"

#include <span>
#include <vector>

namespace sinkscope {

/// A finished layout and what it was made from.
struct UmapLayout {
    int points = 0, width = 0;
    std::span<const float> data;        ///< [points, width]
    std::span<const float> coordinates; ///< [points, options.dimensions]
    UmapOptions options{};
};

/// Places new vectors in a finished picture without moving what is in it: each starts at the mean of its nearest known points, weighted by membership, and
/// is then optimized against the fixed ones at a quarter of the learning rate, as the reference implementation does. [count, dimensions].
/// Errors: InvalidArgument (another width), NotFinite, Cancelled. Thread: any but gui.
Result<std::vector<float>> placeNewPoints(const UmapLayout& layout, std::span<const float> vectors, int count, ThreadTeam& team, JobContext& context);

} // namespace sinkscope
