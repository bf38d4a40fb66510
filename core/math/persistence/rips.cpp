// SPDX-License-Identifier: Apache-2.0
#include "core/math/persistence/rips.h"

#include "core/math/persistence/cycle_sweep.h"

#include <algorithm>
#include <cmath>
#include <string>

namespace sinkscope {
namespace {

/// Rows and columns of a tile when both triangles of a matrix are read.
constexpr std::size_t kTile = 32;

Error badEntry(ErrorCode code, const std::string& what, std::size_t i, std::size_t j) {
    return {code, "distance (" + std::to_string(i) + ", " + std::to_string(j) + ") " + what, {}};
}

/// What is wrong with an entry of which something is.
template <typename Scalar>
Error wrongEntry(const Scalar* distances, std::size_t n, std::size_t i, std::size_t j) {
    const Scalar value = distances[i * n + j];
    if (!std::isfinite(value))
        return badEntry(ErrorCode::NotFinite, "is NaN or infinite", i, j);
    if (value < 0)
        return badEntry(ErrorCode::InvalidArgument, "is negative: " + std::to_string(value), i, j);
    if (i == j && value != 0)
        return badEntry(ErrorCode::InvalidArgument, "of a point to itself is not zero: " + std::to_string(value), i, j);
    return badEntry(ErrorCode::InvalidArgument, "differs from its mirror image: " + std::to_string(value) + " and " +
                    std::to_string(distances[j * n + i]), i, j);
}

/// Every entry, tile by tile: a column of a large matrix has one useful number per cache line.
template <typename Scalar>
Result<void> checkDistances(std::span<const Scalar> distances, int points, const JobContext& context) {
    const auto n = static_cast<std::size_t>(points);
    const Scalar* d = distances.data();
    constexpr Scalar kLargest = std::numeric_limits<Scalar>::max();
    for (std::size_t top = 0; top < n; top += kTile) {
        SINKSCOPE_CHECK(context.checkpoint());
        for (std::size_t left = top; left < n; left += kTile)
            for (std::size_t i = top; i < std::min(n, top + kTile); ++i)
                for (std::size_t j = std::max(i, left); j < std::min(n, left + kTile); ++j) {
                    const Scalar value = d[i * n + j], mirrored = d[j * n + i];
                    if (value >= 0 && value <= kLargest && value == mirrored && (i != j || value == 0)) [[likely]]
                        continue;
                    const bool finite = std::isfinite(value);
                    return finite && !std::isfinite(mirrored) ? wrongEntry(d, n, j, i) : wrongEntry(d, n, i, j);
                }
    }
    return {};
}

Result<void> checkOptions(std::size_t entries, int points, const RipsOptions& options) {
    if (points < 0 || entries != static_cast<std::size_t>(points) * static_cast<std::size_t>(points))
        return Error{ErrorCode::InvalidArgument, std::to_string(entries) + " distances are no square matrix of " +
                     std::to_string(points) + " points", {}};
    if (options.dimension != 0 && options.dimension != 1)
        return Error{ErrorCode::InvalidArgument, "barcodes of dimension " + std::to_string(options.dimension), {}};
    if (!(options.maximum >= 0))
        return Error{ErrorCode::InvalidArgument, "the maximum filtration value is " + std::to_string(options.maximum),
                     {}};
    if (options.dimension == 1 && CycleSweep::fixedBytes(points) > options.maximumBytes)
        return Error{ErrorCode::MemoryExceeded, "the cycles of " + std::to_string(points) + " points need " +
                     std::to_string(CycleSweep::fixedBytes(points)) + " bytes, not " +
                     std::to_string(options.maximumBytes), {}};
    return {};
}

/// Prim's algorithm. The order of edges is strict, so that there is exactly one minimum spanning tree.
template <typename Scalar>
Result<std::vector<RipsEdge>> minimumSpanningTree(std::span<const Scalar> distances, int points,
                                                  const JobContext& context) {
    const auto n = static_cast<std::size_t>(points);
    std::vector<RipsEdge> tree;
    std::vector<RipsEdge> nearest; // of each vertex outside the tree, the edge into it
    std::vector<std::int32_t> outside;
    for (std::int32_t vertex = 1; vertex < points; ++vertex) {
        outside.push_back(vertex);
        nearest.push_back({static_cast<double>(distances[static_cast<std::size_t>(vertex)]), 0, vertex});
    }
    while (!outside.empty()) {
        SINKSCOPE_CHECK(context.checkpoint());
        const auto at = std::min_element(nearest.begin(), nearest.end(), comesBefore) - nearest.begin();
        const std::int32_t added = outside[static_cast<std::size_t>(at)];
        tree.push_back(nearest[static_cast<std::size_t>(at)]);
        outside[static_cast<std::size_t>(at)] = outside.back();
        nearest[static_cast<std::size_t>(at)] = nearest.back();
        outside.pop_back();
        nearest.pop_back();
        const Scalar* row = distances.data() + static_cast<std::size_t>(added) * n;
        for (std::size_t k = 0; k < outside.size(); ++k) {
            const auto length = static_cast<double>(row[outside[k]]);
            if (length > nearest[k].length)
                continue;
            const RipsEdge edge{length, std::min(added, outside[k]), std::max(added, outside[k])};
            if (comesBefore(edge, nearest[k]))
                nearest[k] = edge;
        }
    }
    return tree;
}

std::vector<Bar> componentBars(std::vector<RipsEdge> tree, int points, const RipsOptions& options) {
    std::ranges::sort(tree, comesBefore);
    DisjointSets components(points);
    std::vector<Bar> bars;
    for (const RipsEdge& edge : tree) {
        if (edge.length > options.maximum)
            break;
        const std::int32_t ended = components.join(edge.first, edge.second);
        if (edge.length > 0 || options.keepZeroLength)
            bars.push_back({0.0, edge.length, {ended, -1}, {edge.first, edge.second, -1}});
    }
    for (std::int32_t vertex = 0; vertex < points; ++vertex)
        if (components.find(vertex) == vertex)
            bars.push_back({.creator = {vertex, -1}});
    return bars;
}

template <typename Scalar>
Result<Barcode> compute(std::span<const Scalar> distances, int points, const RipsOptions& options,
                        const JobContext& context) {
    SINKSCOPE_CHECK(checkOptions(distances.size(), points, options));
    SINKSCOPE_CHECK(checkDistances(distances, points, context));
    SINKSCOPE_TRY(auto tree, minimumSpanningTree(distances, points, context));
    Barcode barcode{points, componentBars(std::move(tree), points, options), {}};
    if (options.dimension == 0 || points < 3)
        return barcode;
    const double radius = enclosingRadius(distances, points);
    const double limit = options.keepZeroLength ? options.maximum : std::min(options.maximum, radius);
    CycleSweep sweep(points, options, context);
    SINKSCOPE_TRY(barcode.one, sweep.run(sortedEdges(distances, points, limit)));
    return barcode;
}

} // namespace

Result<Barcode> ripsBarcode(std::span<const double> distances, int points, const RipsOptions& options,
                            const JobContext& context) {
    return compute(distances, points, options, context);
}

Result<Barcode> ripsBarcode(std::span<const float> distances, int points, const RipsOptions& options,
                            const JobContext& context) {
    return compute(distances, points, options, context);
}

} // namespace sinkscope
