// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/math/umap/nearest_neighbours.h"

namespace sinkscope {

/// Local scale of every point (arXiv 1802.03426, algorithm 3): rho is the distance to the nearest neighbour that is not a
/// duplicate; sigma makes the sum over neighbours of exp(-max(0, d - rho) / sigma) equal log2(neighbours).
struct LocalScales {
    std::vector<float> sigma, rho; ///< [points]
};

/// As the reference implementation computes it: bisection to 1e-5, sigma never below 0.001 of the mean distance.
/// Errors: Cancelled.
Result<LocalScales> smoothDistances(const NeighbourGraph& graph, ThreadTeam& team, const JobContext& context);

} // namespace sinkscope
