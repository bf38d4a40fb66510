// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/jobs/thread_team.h"
#include "core/math/pca/matrix_source.h"

#include <functional>

namespace sinkscope::pca {

/// Rows of one read.
inline constexpr std::int64_t kBlockRows = 1024;

/// What the rows are before they are summed: scale * x - shift. The scale is a power of two that brings them to about 1, so that no square
/// overflows or vanishes; the shift is near the mean, so that nothing cancels.
struct Frame {
    float scale = 1;
    std::vector<float> shift; ///< [padded width]
};

/// Mean and second moments of a matrix. Sums of squares and products are about the mean when centred, about 0 otherwise.
struct Moments {
    Frame frame;
    std::vector<double> mean;     ///< [width] of x
    std::vector<double> products; ///< [width, width]; empty unless asked for
    double total = 0;             ///< sum of all squares
    double raw = 0;               ///< sum of all squares about 0, to tell variance from rounding
    [[nodiscard]] bool varies() const { return total > 1e-24 * raw; }
};

/// One pass over the matrix (two where numbers are so large that their sums overflow). The sums of every kChunkRows rows are taken in float32,
/// everything above in double; the same numbers for any number of threads. Memory: up to 16 times the products, and one block a thread.
/// Errors: NotFinite, Cancelled, those of the source.
Result<Moments> momentsOf(MatrixSource& source, bool centred, bool withProducts, ThreadTeam& team, const JobContext& context);

/// Deals the rows out in chunks of up to kChunkRows, [count, width]. `streams` are worked through in parallel, each in its own order, so that
/// sums kept per stream do not depend on the number of threads. Errors: Cancelled, those of the source.
using ChunkWork = std::function<void(std::size_t stream, const float* rows, std::size_t count)>;
Result<void> forEachChunk(MatrixSource& source, std::size_t streams, ThreadTeam& team, const JobContext& context, const ChunkWork& work);

/// How many streams have to share the memory of sums that take width^2 each.
std::size_t streamsFor(std::int64_t rows, std::size_t width);

} // namespace sinkscope::pca
