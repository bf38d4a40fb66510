// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/checkpoint/checkpoint.h"
#include "core/jobs/job_context.h"

#include <string>
#include <vector>

namespace sinkscope {

/// The largest singular values of a weight matrix, falling.
struct LeadingSingularValues {
    std::vector<double> values;
    std::vector<double> bounds; ///< how far each may be from a true one; 0 beyond rounding when all were computed
    bool isExact = false;       ///< all singular values were computed (small matrices); else by block Lanczos iteration
    int passes = 0;             ///< how often the matrix was read
};

/// Sides and sizes that are taken: the iteration keeps about 6 kB for each row of the smaller side.
inline constexpr std::size_t kLongestSingularSide = std::size_t(1) << 16U;

/// Why a tensor has no singular values; empty when it has some. Reads nothing. More than two dimensions are no matrix.
std::string singularObstacle(const TensorInfo& tensor);

/// At most 16 of them. A small matrix goes through its Gram matrix; a larger one is streamed pass after pass, so that memory does not grow with
/// the longer side. Elements as float32, products and sums in double. Values are as good as `bounds` says, which is seldom better than what
/// they are: where they lie close together, as those of random matrices do, the bounds stay wide. Below about 1e-7 of the largest they are
/// rounding. Does not depend on the number of threads. Errors: InvalidArgument, NotFinite, Cancelled. Thread: any but gui.
Result<LeadingSingularValues> leadingSingularValues(const TensorInfo& tensor, std::size_t wanted, JobContext& context, int threads = 0);

} // namespace sinkscope
