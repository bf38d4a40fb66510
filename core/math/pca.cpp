// SPDX-License-Identifier: Apache-2.0
// Principal components as a way to draw vectors.
#include "core/math/pca/principal_components.h"
#include "core/math/projection_spec.h"

#include <cstdio>

namespace sinkscope::registry_projections {
namespace {

std::string axisLabel(int component, double share, bool varies) {
    char text[48];
    if (!varies)
        std::snprintf(text, sizeof text, "PC%d (no variance)", component);
    else
        std::snprintf(text, sizeof text, share < 0.0995 && share > 0 ? "PC%d %.1f %%" : "PC%d %.0f %%", component, share * 100);
    return text;
}

constexpr std::string_view kSolvers[] = {"auto", "exact", "randomized"};
constexpr std::string_view kCentrings[] = {"mean", "none"};
constexpr ParameterSpec kParameters[] = {
    {.id = "solver", .title = "Solver",
     .explanation = "Exact: eigenvectors of the covariance matrix. Randomized: subspace iteration from random directions, for wide vectors. "
                    "Auto: exact where that takes well under a second.",
     .choices = kSolvers},
    {.id = "centring", .title = "Centring",
     .explanation = "Mean: directions of largest variance. None: directions of largest sum of squares about 0, so that a common offset of all vectors "
                    "shows as the first axis.",
     .choices = kCentrings},
};

Result<void> checkArguments(std::span<const float> data, int points, int width, const ProjectionOptions& options) {
    if (options.dimensions < 2 || options.dimensions > 3)
        return Error{ErrorCode::InvalidArgument, std::to_string(options.dimensions) + " dimensions; 2 or 3 can be drawn", {}};
    if (points < 2 || width < 1)
        return Error{ErrorCode::InvalidArgument, "principal components need at least 2 points, there are " + std::to_string(points), {}};
    SINKSCOPE_ASSERT(data.size() == static_cast<std::size_t>(points) * static_cast<std::size_t>(width));
    return {};
}

Result<std::shared_ptr<const Projection>> projectPca(std::span<const float> data, int points, int width,
                                                     const ProjectionOptions& options, JobContext& context) {
    SINKSCOPE_CHECK(checkArguments(data, points, width, options));
    SINKSCOPE_CHECK(context.checkpoint());
    MemoryMatrix source(data, points, width);
    const PcaOptions fit{.components = options.dimensions, .centred = options.centred && valueOf(options.parameters, "pca", kParameters[1]) == 0,
                         .solver = static_cast<PcaSolver>(static_cast<int>(valueOf(options.parameters, "pca", kParameters[0]))),
                         .seed = options.seed};
    SINKSCOPE_TRY(const PrincipalComponents basis, fitPrincipalComponents(source, fit, context));
    auto projection = std::make_shared<Projection>();
    projection->points = points;
    projection->dimensions = options.dimensions;
    SINKSCOPE_TRY(projection->coordinates, coordinatesIn(basis, source, context));
    projection->quality["total_variance"] = basis.variance(basis.total);
    for (int k = 0; k < options.dimensions; ++k) {
        projection->axisLabels.push_back(axisLabel(k + 1, basis.explained(k), basis.varies));
        projection->quality["explained_variance_" + std::to_string(k + 1)] = basis.explained(k);
    }
    context.progress(1.0, "projected");
    return std::shared_ptr<const Projection>(std::move(projection));
}

} // namespace

extern const ProjectionSpec pca;
const ProjectionSpec pca{.id = "pca", .title = "PCA", .parameters = kParameters, .project = projectPca};

} // namespace sinkscope::registry_projections
