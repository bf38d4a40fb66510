// SPDX-License-Identifier: Apache-2.0
#include "core/inspect/tensor_profile.h"

#include "core/checkpoint/tensor_pieces.h"

#include <algorithm>
#include <cmath>

namespace sinkscope {

Result<TensorProfile> tensorProfile(const TensorInfo& tensor, int bins, JobContext& context) {
    SINKSCOPE_ASSERT(bins >= 1);
    TensorProfile profile;
    JobContext first = context.part(0.0, 0.5, {}), second = context.part(0.5, 1.0, {});
    SINKSCOPE_TRY(profile.statistics, tensorStatistics(tensor, first));
    TensorHistogram& histogram = profile.histogram;
    if (profile.statistics.finite() == 0)
        return profile;
    histogram.low = profile.statistics.minimum;
    histogram.high = profile.statistics.maximum;
    if (histogram.low == histogram.high) {
        histogram.counts.assign(1, profile.statistics.finite());
        return profile;
    }
    histogram.counts.assign(static_cast<std::size_t>(bins), 0);
    // Halves, because the range of doubles near both ends of what they hold would overflow.
    const double low = histogram.low / 2, scale = static_cast<double>(bins) / (histogram.high / 2 - low), last = bins - 1;
    SINKSCOPE_CHECK(readPieces(tensor, second, [&](std::size_t, std::span<const double> values) {
        for (const double value : values)
            if (std::isfinite(value))
                ++histogram.counts[static_cast<std::size_t>(std::clamp((value / 2 - low) * scale, 0.0, last))];
    }));
    return profile;
}

} // namespace sinkscope
