// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/checkpoint/checkpoint.h"
#include "core/jobs/job_context.h"

namespace sinkscope {

/// What a tensor's numbers look like. NaN and infinities are counted and left out of everything else.
struct TensorStatistics {
    std::uint64_t count = 0;             ///< all elements
    std::uint64_t zeros = 0, nans = 0, infinities = 0;
    double minimum = 0, maximum = 0;     ///< meaningless when finite() is 0
    double mean = 0;
    double deviation = 0;                ///< of the population (divided by n)
    double norm = 0;                     ///< L2
    [[nodiscard]] std::uint64_t finite() const { return count - nans - infinities; }
};

/// Reads the whole tensor in pieces and gives their pages back, so that memory stays flat whatever its size. 64-bit types
/// are not rounded to float. Errors: Cancelled, FormatUnsupported (a type without values). Thread: any but gui.
Result<TensorStatistics> tensorStatistics(const TensorInfo& tensor, JobContext& context);

} // namespace sinkscope
