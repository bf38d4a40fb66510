// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/math/umap/smooth_distances.h"

#include <cstdint>
#include <vector>

namespace sinkscope {

/// A symmetric weighted graph in compressed rows; both directions of every edge are present, weights in (0, 1].
struct FuzzyGraph {
    int points = 0;
    std::vector<std::int64_t> rowBegin; ///< [points + 1]
    std::vector<std::int32_t> column;   ///< ascending within a row
    std::vector<float> weight;
};

/// Fuzzy union of the local simplicial sets: w = a + b - a b of the two directed memberships (arXiv 1802.03426, section 3.1).
FuzzyGraph fuzzyUnion(const NeighbourGraph& graph, const LocalScales& scales);

/// Number of connected components.
int componentsOf(const FuzzyGraph& graph);

} // namespace sinkscope
