// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/jobs/job_context.h"

#include <cstdint>
#include <span>
#include <vector>

namespace sinkscope {

struct KMeansOptions {
    int clusters = 6;        ///< at most; fewer when there are not so many different rows
    std::uint64_t seed = 42; ///< of the first centres
    int rounds = 100;        ///< at most
    int threads = 0;         ///< 0: every processor this process may use
};

/// Groups of rows that lie near each other.
struct Clusters {
    std::vector<std::int32_t> of; ///< [points] cluster of each, the largest cluster being 0; equal sizes by their first point
    std::vector<std::int64_t> sizes; ///< [clusters] falling
    double explained = 0; ///< share of the sum of squares about the mean that lies between clusters; 0 when all rows are the same
    int rounds = 0;
    bool settled = false; ///< no row changed its cluster in the last round
};

/// Lloyd's k-means from centres chosen far apart at random (k-means++, Arthur and Vassilvitskii 2007). `data` is [points, width], row-major. The
/// same for any number of threads. Errors: InvalidArgument (no points, under one cluster), NotFinite, Cancelled. Thread: any but gui.
Result<Clusters> kMeans(std::span<const float> data, int points, int width, const KMeansOptions& options, const JobContext& context);

} // namespace sinkscope
