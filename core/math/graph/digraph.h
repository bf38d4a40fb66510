// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"

#include <span>

namespace sinkscope {

/// Numbers of the directed graph of a head (Kushnareva et al. 2021, from their public code): an edge from query to key where the weight is at
/// least the threshold, loops included.
struct DigraphShape {
    int nodes = 0;
    int strong = 0;    ///< strongly connected components
    int weak = 0;      ///< weakly connected components, Betti number 0
    int edges = 0;     ///< directed edges, loops included
    int loops = 0;
    int cycles = 0;    ///< simple directed cycles, loops included, counted up to the cap
    int pairs = 0;     ///< edges of the undirected simple graph
    [[nodiscard]] double meanDegree() const { return 2.0 * edges / nodes; } ///< in plus out
    /// Betti number 1 of the undirected graph. Loops are left out; the original keeps them, which adds one each.
    [[nodiscard]] int undirectedCycles() const { return pairs - nodes + weak; }
};
inline constexpr int kCycleCap = 500;

/// Attention [tokens, tokens] row-major. Rows are taken as they are: samples hold no padding that would have to be cut off and the rest
/// renormalised. Errors: InvalidArgument when the size does not fit, there is no token, or an entry is not finite. Thread: any.
Result<DigraphShape> digraphShape(std::span<const float> attention, int tokens, double threshold, int cycleCap = kCycleCap);

} // namespace sinkscope
