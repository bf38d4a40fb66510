// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/checkpoint/tensor_statistics.h"

#include <vector>

namespace sinkscope {

/// How many of a tensor's numbers lie where, in bins of equal width.
struct TensorHistogram {
    double low = 0, high = 0;          ///< ends of the first and the last bin; the smallest and the largest finite number
    std::vector<std::uint64_t> counts; ///< a number on an inner edge counts to the right
    [[nodiscard]] double edge(std::size_t bin) const {
        return low + (high - low) * static_cast<double>(bin) / static_cast<double>(counts.size());
    }
};

/// Statistics and histogram of a whole tensor.
struct TensorProfile {
    TensorStatistics statistics;
    TensorHistogram histogram; ///< one bin when all numbers are equal, none when none is finite
};

/// Reads the tensor twice, in pieces (memory stays flat). `bins` at least 1. Errors: Cancelled. Thread: any but gui.
Result<TensorProfile> tensorProfile(const TensorInfo& tensor, int bins, JobContext& context);

} // namespace sinkscope
