// SPDX-License-Identifier: Apache-2.0
#include "core/math/projection_spec.h"
#include "core/math/umap/layout_optimizer.h"
#include "core/math/umap/spectral_layout.h"

#include <algorithm>
#include <cmath>

namespace sinkscope {
namespace {

/// Epochs between two reports.
constexpr int kEpochsAtOnce = 5;
/// With fewer points a neighbourhood means nothing.
constexpr int kFewestPoints = 4;

int epochsFor(int points) { return points <= 10'000 ? 500 : 200; }

/// Principal components as a start when the neighbour graph falls apart.
Result<std::vector<double>> principalLayout(std::span<const float> data, int points, int width, const ProjectionOptions& options,
                                            JobContext& context) {
    for (const ProjectionSpec* spec : projections()) {
        if (spec->id != "pca")
            continue;
        SINKSCOPE_TRY(const auto projection, spec->project(data, points, width, options, context));
        return std::vector<double>(projection->coordinates.begin(), projection->coordinates.end());
    }
    return Error{ErrorCode::Internal, "PCA is not registered", {}};
}

Result<void> checkInput(std::span<const float> data, int points, int width, const ProjectionOptions& options) {
    if (options.dimensions != 2 && options.dimensions != 3)
        return Error{ErrorCode::InvalidArgument, "UMAP gives 2 or 3 dimensions, not " + std::to_string(options.dimensions), {}};
    if (points < kFewestPoints || width < 1)
        return Error{ErrorCode::InvalidArgument,
                     "UMAP needs at least " + std::to_string(kFewestPoints) + " points, there are " + std::to_string(points), {}};
    if (!std::ranges::all_of(data, [](float value) { return std::isfinite(value); }))
        return Error{ErrorCode::NotFinite, "the vectors to project contain NaN or infinity", {}};
    return {};
}

Result<std::shared_ptr<const Projection>> projectUmap(std::span<const float> data, int points, int width,
                                                      const ProjectionOptions& options, JobContext& context) {
    SINKSCOPE_CHECK(checkInput(data, points, width, options));
    UmapOptions umapOptions;
    umapOptions.dimensions = options.dimensions;
    umapOptions.seed = options.seed;
    ThreadTeam team(umapOptions.threads > 0 ? umapOptions.threads : usableProcessors());
    SINKSCOPE_TRY(const auto neighbours, nearestNeighbours(data, points, width, std::min(umapOptions.neighbours, points),
                                                           umapOptions.dissimilarity, umapOptions.reproducible, team, context));
    SINKSCOPE_TRY(const LocalScales scales, smoothDistances(neighbours, team, context));
    const FuzzyGraph graph = fuzzyUnion(neighbours, scales);

    SINKSCOPE_TRY(auto start, spectralLayout(graph, options.dimensions, team, context));
    const bool spectral = start.has_value();
    if (!spectral) {
        SINKSCOPE_TRY(start, principalLayout(data, points, width, options, context));
    }
    LayoutOptimizer optimizer(graph, umapOptions, epochsFor(points),
                              scaledLayout(std::move(*start), points, options.dimensions, options.seed));
    while (optimizer.epochsDone() < optimizer.epochs()) {
        SINKSCOPE_CHECK(optimizer.run(optimizer.epochsDone() + kEpochsAtOnce, team, context));
        context.progress(0.5 + 0.5 * optimizer.epochsDone() / optimizer.epochs(), "layout");
    }

    auto projection = std::make_shared<Projection>();
    projection->points = points;
    projection->dimensions = options.dimensions;
    projection->coordinates = optimizer.coordinates();
    for (int d = 1; d <= options.dimensions; ++d)
        projection->axisLabels.push_back("UMAP" + std::to_string(d));
    projection->quality["neighbours"] = neighbours.neighbours;
    projection->quality["epochs"] = optimizer.epochs();
    projection->quality["components"] = componentsOf(graph);
    projection->quality["spectral_start"] = spectral ? 1 : 0;
    return std::shared_ptr<const Projection>(std::move(projection));
}

} // namespace

namespace registry_projections {
extern const ProjectionSpec umap;
const ProjectionSpec umap{.id = "umap", .title = "UMAP", .project = projectUmap};
} // namespace registry_projections

} // namespace sinkscope
