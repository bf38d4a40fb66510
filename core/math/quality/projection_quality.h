// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/jobs/job_context.h"

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>

namespace sinkscope {

struct QualityOptions {
    int neighbours = 15;     ///< k; less where there are too few points for it
    int queries = 0;         ///< points whose neighbourhoods are looked at; 0: all of up to 4,096, a sample above
    std::uint64_t seed = 42; ///< of that sample
    int threads = 0;         ///< 0: every processor this process may use
};

/// How far a picture shows what is in the data. Ties in the distances are given the benefit of the doubt, so that a thousand copies of one
/// point are no fault of the picture.
struct ProjectionQuality {
    int neighbours = 0; ///< k that was used
    int queries = 0;    ///< points that were looked at
    /// 1 - 2 / (n k (2n - 3k - 1)) * sum over the points and their k nearest in the picture of max(0, rank in the data - k): 1 when no
    /// stranger has come near (Venna and Kaski 2001).
    double trustworthiness = 0;
    double continuity = 0;   ///< the same with data and picture exchanged: 1 when no neighbour has been torn away
    double preservation = 0; ///< share of the k nearest in the data that are among the k nearest in the picture
    /// Kruskal's stress-1 of all pairs under the scale of the picture that makes it smallest: sqrt(sum (D - s d)^2 / sum D^2). No value when
    /// all points are the same.
    std::optional<double> stress;
};

/// `data` is [points, width], `coordinates` [points, dimensions], both row-major. Exact over the queries, and the same numbers for any number
/// of threads; memory of both clouds once more, and 32 bytes a point and thread. Nothing for fewer than 3 points. Errors: NotFinite,
/// Cancelled. Thread: any but gui.
Result<std::optional<ProjectionQuality>> projectionQuality(std::span<const float> data, int points, int width, std::span<const float> coordinates,
                                                           int dimensions, const QualityOptions& options, const JobContext& context);

/// As Projection::quality keeps them: trustworthiness, continuity, neighbourhood_preservation, stress, quality_neighbours, quality_queries.
void addTo(std::map<std::string, double>& numbers, const ProjectionQuality& quality);

} // namespace sinkscope
