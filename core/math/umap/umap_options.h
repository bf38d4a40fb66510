// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/math/umap/nearest_neighbours.h"

#include <cstdint>

namespace sinkscope {

/// Choices of UMAP (McInnes, Healy, Melville, arXiv 1802.03426), with the defaults of the reference implementation.
struct UmapOptions {
    int neighbours = 15;        ///< size of the local neighbourhood, the point itself counted; reduced to the number of points
    int dimensions = 3;
    double minimumDistance = 0.1; ///< how tightly points may be packed in the picture
    double spread = 1.0;
    int epochs = 0;             ///< 0: 500 up to 10,000 points, 200 above
    double learningRate = 1.0;
    int negativeSamples = 5;    ///< repulsive samples for every attractive one
    double repulsion = 1.0;     ///< weight of the repulsive ones
    Dissimilarity dissimilarity = Dissimilarity::Euclidean;
    std::uint64_t seed = 42;
    bool reproducible = true;   ///< also above the size where neighbours are searched for approximately (slower there)
    int threads = 0;            ///< 0: every processor this process may use
};

} // namespace sinkscope
