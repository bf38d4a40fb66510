// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/jobs/thread_team.h"

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace sinkscope {

/// How far apart two vectors are.
enum class Dissimilarity {
    Euclidean,
    Cosine,       ///< 1 - cos; a zero vector is at distance 1 from all others
    InnerProduct, ///< largest squared norm - x.y: small where an attention logit would be large. Not a metric, but never negative.
};
inline constexpr std::string_view kDissimilarityNames[] = {"euclidean", "cosine", "inner product"};

/// Nearest neighbours of every point; itself first, at distance 0.
struct NeighbourGraph {
    int points = 0, neighbours = 0;
    std::vector<std::int32_t> indices; ///< [points, neighbours], by rising distance, ties by index
    std::vector<float> distances;      ///< [points, neighbours]
};

/// Compares all pairs by blocked products of the vectors, each pair once. `data` is [points, width], `neighbours` <= points counts the point
/// itself. The same result for any number of threads. Errors: Cancelled. Thread: any.
Result<NeighbourGraph> exactNeighbours(std::span<const float> data, int points, int width, int neighbours, Dissimilarity dissimilarity,
                                       ThreadTeam& team, JobContext& context);
/// Nearest among the first `known` points, of those from there on: the rows of what comes back, without the point itself. Errors: Cancelled.
Result<NeighbourGraph> exactNeighboursOf(std::span<const float> data, int known, int points, int width, int neighbours,
                                         Dissimilarity dissimilarity, ThreadTeam& team, JobContext& context);
/// The same as the first on one thread, Euclidean.
Result<NeighbourGraph> exactNeighbours(std::span<const float> data, int points, int width, int neighbours, JobContext& context);

/// Approximate, by a hierarchical navigable small world graph (Malkov and Yashunin, arXiv 1603.09320; the library hnswlib): n log n instead of n^2.
/// With more than one thread the graph, and so a few neighbours, depends on timing unless `reproducible` makes one thread build it.
Result<NeighbourGraph> approximateNeighbours(std::span<const float> data, int points, int width, int neighbours, Dissimilarity dissimilarity,
                                             bool reproducible, ThreadTeam& team, JobContext& context);

/// Above this many multiplications for all pairs the approximate search is faster.
inline constexpr double kMostExactProducts = 4e11;
/// The faster of the two.
Result<NeighbourGraph> nearestNeighbours(std::span<const float> data, int points, int width, int neighbours, Dissimilarity dissimilarity,
                                         bool reproducible, ThreadTeam& team, JobContext& context);

} // namespace sinkscope
