// SPDX-License-Identifier: Apache-2.0
#include "core/math/projection_spec.h"
#include "core/math/umap/layout_optimizer.h"
#include "core/math/umap/spectral_layout.h"

#include <algorithm>
#include <chrono>
#include <cmath>

namespace sinkscope {
namespace {

/// Epochs between two reports.
constexpr int kEpochsAtOnce = 5;
/// Between two pictures of a layout that is still moving.
constexpr auto kPreviewInterval = std::chrono::milliseconds(80);
/// With fewer points a neighbourhood means nothing.
constexpr int kFewestPoints = 4;

constexpr ParameterSpec kParameters[] = {
    {.id = "neighbours", .title = "Neighbours", .explanation = "Size of the local neighbourhood, the point itself counted: small shows detail, large shows the whole.",
     .low = 2, .high = 500, .standard = 15, .integer = true},
    {.id = "minimum_distance", .title = "Minimum distance", .explanation = "How tightly points may be packed in the picture.", .low = 0, .high = 1,
     .standard = 0.1},
    {.id = "dissimilarity", .title = "Dissimilarity", .explanation = "What counts as near. Inner product: keys that one query would like alike.",
     .standard = 0, .choices = kDissimilarityNames},
    {.id = "epochs", .title = "Epochs", .explanation = "Rounds of optimization; 0 chooses 500 up to 10,000 points and 200 above.", .low = 0, .high = 10000,
     .standard = 0, .integer = true},
    {.id = "spread", .title = "Spread", .explanation = "Scale of the picture relative to the minimum distance.", .low = 0.1, .high = 10, .standard = 1},
};

UmapOptions optionsFrom(const ProjectionOptions& options, int points) {
    const auto value = [&](std::size_t i) { return valueOf(options.parameters, "umap", kParameters[i]); };
    UmapOptions result;
    result.dimensions = options.dimensions;
    result.seed = options.seed;
    result.neighbours = std::min(static_cast<int>(value(0)), points);
    result.minimumDistance = value(1);
    result.dissimilarity = static_cast<Dissimilarity>(static_cast<int>(value(2)));
    result.epochs = static_cast<int>(value(3));
    result.spread = std::max(value(4), value(1)); // the curve has no solution below
    return result;
}

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

struct UmapState final : ProjectionState {
    explicit UmapState(LayoutOptimizer done) : optimizer(std::move(done)) {}
    LayoutOptimizer optimizer;
};

std::shared_ptr<Projection> asProjection(const Projection& base, const LayoutOptimizer& optimizer) {
    auto projection = std::make_shared<Projection>(base);
    projection->coordinates = optimizer.coordinates();
    projection->quality["epochs"] = optimizer.epochsDone();
    return projection;
}

/// Moves the points until all epochs are done. What is shown meanwhile changes nothing in what comes out.
Result<std::shared_ptr<const Projection>> optimized(const Projection& base, LayoutOptimizer optimizer, const ProjectionOptions& options,
                                                    ThreadTeam& team, JobContext& context) {
    auto shown = std::chrono::steady_clock::now();
    while (optimizer.epochsDone() < optimizer.epochs()) {
        SINKSCOPE_CHECK(optimizer.run(optimizer.epochsDone() + kEpochsAtOnce, team, context));
        context.progress(0.5 + 0.5 * optimizer.epochsDone() / optimizer.epochs(), "layout");
        if (const auto now = std::chrono::steady_clock::now(); options.preview && now - shown > kPreviewInterval) {
            options.preview(asProjection(base, optimizer));
            shown = now;
        }
    }
    auto projection = asProjection(base, optimizer);
    projection->state = std::make_shared<UmapState>(std::move(optimizer));
    return std::shared_ptr<const Projection>(std::move(projection));
}

Result<std::shared_ptr<const Projection>> projectUmap(std::span<const float> data, int points, int width,
                                                      const ProjectionOptions& options, JobContext& context) {
    SINKSCOPE_CHECK(checkInput(data, points, width, options));
    const UmapOptions umapOptions = optionsFrom(options, points);
    ThreadTeam team(umapOptions.threads > 0 ? umapOptions.threads : usableProcessors());
    SINKSCOPE_TRY(const auto neighbours, nearestNeighbours(data, points, width, umapOptions.neighbours,
                                                           umapOptions.dissimilarity, umapOptions.reproducible, team, context));
    SINKSCOPE_TRY(const LocalScales scales, smoothDistances(neighbours, team, context));
    const FuzzyGraph graph = fuzzyUnion(neighbours, scales);

    SINKSCOPE_TRY(auto start, spectralLayout(graph, options.dimensions, team, context));
    const bool spectral = start.has_value();
    if (!spectral) {
        SINKSCOPE_TRY(start, principalLayout(data, points, width, options, context));
    }
    auto projection = std::make_shared<Projection>();
    projection->points = points;
    projection->dimensions = options.dimensions;
    for (int d = 1; d <= options.dimensions; ++d)
        projection->axisLabels.push_back("UMAP" + std::to_string(d));
    projection->quality["neighbours"] = neighbours.neighbours;
    projection->quality["components"] = componentsOf(graph);
    projection->quality["spectral_start"] = spectral ? 1 : 0;
    return optimized(*projection,
                     LayoutOptimizer(graph, umapOptions, umapOptions.epochs > 0 ? umapOptions.epochs : epochsFor(points),
                                     scaledLayout(std::move(*start), points, options.dimensions, options.seed)),
                     options, team, context);
}

Result<std::shared_ptr<const Projection>> extendUmap(const Projection& projection, int epochs, const ProjectionOptions& options, JobContext& context) {
    const auto* state = dynamic_cast<const UmapState*>(projection.state.get());
    if (!state || epochs < 1)
        return Error{ErrorCode::InvalidArgument, "there is no layout of UMAP to go on from", {}};
    LayoutOptimizer optimizer = state->optimizer;
    optimizer.extend(optimizer.epochsDone() + epochs - optimizer.epochs());
    ThreadTeam team(usableProcessors());
    return optimized(projection, std::move(optimizer), options, team, context);
}

} // namespace

namespace registry_projections {
extern const ProjectionSpec umap;
const ProjectionSpec umap{.id = "umap", .title = "UMAP", .parameters = kParameters, .project = projectUmap, .extend = extendUmap};
} // namespace registry_projections

} // namespace sinkscope
