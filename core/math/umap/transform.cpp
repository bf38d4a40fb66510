// SPDX-License-Identifier: Apache-2.0
#include "core/math/umap/transform.h"

#include "core/math/umap/layout_optimizer.h"
#include "core/math/umap/smooth_distances.h"

#include <algorithm>
#include <cmath>

namespace sinkscope {
namespace {

int epochsFor(int points) { return points <= 10'000 ? 100 : 30; }

/// smoothDistances expects every point to be its own first neighbour.
NeighbourGraph withSelves(const NeighbourGraph& found) {
    NeighbourGraph graph{found.points, found.neighbours + 1, {}, {}};
    for (int point = 0; point < found.points; ++point) {
        const auto first = static_cast<std::size_t>(point) * static_cast<std::size_t>(found.neighbours);
        graph.indices.push_back(-1);
        graph.distances.push_back(0);
        for (std::size_t k = 0; k < static_cast<std::size_t>(found.neighbours); ++k) {
            graph.indices.push_back(found.indices[first + k]);
            graph.distances.push_back(found.distances[first + k]);
        }
    }
    return graph;
}

/// Rows of the known points stay empty.
FuzzyGraph membershipsOf(const NeighbourGraph& found, const LocalScales& scales, int known) {
    FuzzyGraph graph;
    graph.points = known + found.points;
    graph.rowBegin.assign(static_cast<std::size_t>(known) + 1, 0);
    const auto neighbours = static_cast<std::size_t>(found.neighbours);
    for (std::size_t point = 0; point < static_cast<std::size_t>(found.points); ++point) {
        for (std::size_t at = point * neighbours; at < (point + 1) * neighbours; ++at) {
            const double beyond = std::max(0.0F, found.distances[at] - scales.rho[point]);
            graph.column.push_back(found.indices[at]);
            graph.weight.push_back(scales.sigma[point] > 0 ? static_cast<float>(std::exp(-beyond / scales.sigma[point])) : 1.0F);
        }
        graph.rowBegin.push_back(static_cast<std::int64_t>(graph.column.size()));
    }
    return graph;
}

/// Known coordinates, then the weighted means of the new points' neighbours.
std::vector<float> startOf(const UmapLayout& layout, const FuzzyGraph& graph) {
    const auto dimensions = static_cast<std::size_t>(layout.options.dimensions);
    std::vector<float> start(layout.coordinates.begin(), layout.coordinates.end());
    for (std::size_t row = static_cast<std::size_t>(layout.points); row < static_cast<std::size_t>(graph.points); ++row)
        for (std::size_t d = 0; d < dimensions; ++d) {
            double sum = 0, weights = 0;
            for (auto e = static_cast<std::size_t>(graph.rowBegin[row]); e < static_cast<std::size_t>(graph.rowBegin[row + 1]); ++e) {
                sum += static_cast<double>(graph.weight[e]) * layout.coordinates[static_cast<std::size_t>(graph.column[e]) * dimensions + d];
                weights += graph.weight[e];
            }
            start.push_back(weights > 0 ? static_cast<float>(sum / weights) : 0.0F);
        }
    return start;
}

} // namespace

Result<std::vector<float>> placeNewPoints(const UmapLayout& layout, std::span<const float> vectors, int count, ThreadTeam& team, JobContext& context) {
    if (vectors.size() != static_cast<std::size_t>(count) * static_cast<std::size_t>(layout.width) || layout.points < 1)
        return Error{ErrorCode::InvalidArgument, "new points must have the " + std::to_string(layout.width) + " components of those in the picture", {}};
    if (!std::ranges::all_of(vectors, [](float value) { return std::isfinite(value); }))
        return Error{ErrorCode::NotFinite, "the vectors to place contain NaN or infinity", {}};
    if (count == 0)
        return std::vector<float>();
    std::vector<float> all(layout.data.begin(), layout.data.end());
    all.insert(all.end(), vectors.begin(), vectors.end());
    SINKSCOPE_TRY(const NeighbourGraph found,
                  exactNeighboursOf(all, layout.points, layout.points + count, layout.width, std::min(layout.options.neighbours, layout.points),
                                    layout.options.dissimilarity, team, context));
    SINKSCOPE_TRY(const LocalScales scales, smoothDistances(withSelves(found), team, context));
    const FuzzyGraph graph = membershipsOf(found, scales, layout.points);
    UmapOptions options = layout.options;
    options.learningRate /= 4;
    LayoutOptimizer optimizer = LayoutOptimizer::forNewPoints(graph, layout.points, options, epochsFor(count), startOf(layout, graph));
    SINKSCOPE_CHECK(optimizer.run(optimizer.epochs(), team, context));
    const std::vector<float> coordinates = optimizer.coordinates();
    return std::vector<float>(coordinates.begin() + static_cast<std::ptrdiff_t>(layout.points) * layout.options.dimensions, coordinates.end());
}

} // namespace sinkscope
