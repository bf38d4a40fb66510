// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/jobs/job_context.h"

#include <cstdint>
#include <optional>
#include <span>

namespace sinkscope {

struct IntrinsicDimensionOptions {
    int neighbours = 20;     ///< of the estimate by Levina and Bickel; fewer where there are too few points
    int queries = 0;         ///< points whose neighbours are looked at; 0: all of up to 4,096, that many above
    std::uint64_t seed = 42; ///< of the choice
    int threads = 0;         ///< 0: every processor this process may use
};

/// On how many dimensions a cloud lies locally. Both are near the truth for smooth, evenly filled clouds of few dimensions, and below it for
/// many dimensions: 500 points cannot show more than about 10.
struct IntrinsicDimension {
    /// TwoNN (Facco et al. 2017): (n - 1) / sum ln(r2 / r1) over the distances to the two nearest other points.
    double twoNearest = 0;
    /// Levina and Bickel (2004) with the mean of inverses of MacKay and Ghahramani: 1 over the mean of 1/(k-1) sum over j < k of ln(r_k / r_j).
    double likelihood = 0;
    int points = 0;     ///< distinct ones
    int queries = 0, neighbours = 0;
};

/// `data` is [points, width], row-major. Copies of a point count once: they are at distance 0, where no logarithm is. Nothing for fewer than 5
/// distinct points, or when all distances are equal. Errors: NotFinite, Cancelled. Thread: any but gui.
Result<std::optional<IntrinsicDimension>> intrinsicDimension(std::span<const float> data, int points, int width,
                                                             const IntrinsicDimensionOptions& options, const JobContext& context);

} // namespace sinkscope
