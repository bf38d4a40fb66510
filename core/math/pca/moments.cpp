// SPDX-License-Identifier: Apache-2.0
#include "core/math/pca/moments.h"

#include "core/math/pca/row_kernels.h"

#include <algorithm>
#include <cmath>
#include <mutex>
#include <optional>

namespace sinkscope::pca {
namespace {

/// Sums that one stream collects.
struct Sums {
    std::vector<double> linear, squares, products;
    bool finite = true;
};

/// The first error of any thread.
class FirstError {
public:
    void set(Error error) {
        const std::scoped_lock lock(m_mutex);
        if (!m_error)
            m_error = std::move(error);
    }
    [[nodiscard]] std::optional<Error> get() const {
        const std::scoped_lock lock(m_mutex);
        return m_error;
    }

private:
    mutable std::mutex m_mutex;
    std::optional<Error> m_error;
};

float powerOfTwo(double largest) {
    int exponent = 0;
    if (largest > 0)
        (void)std::frexp(largest, &exponent);
    return static_cast<float>(std::ldexp(1.0, std::clamp(-exponent, -120, 120)));
}

Result<double> largestOf(std::span<const float> values) {
    float largest = 0;
    bool finite = true;
    for (const float value : values) {
        finite = finite && std::isfinite(value);
        largest = std::max(largest, std::abs(value));
    }
    if (!finite)
        return Error{ErrorCode::NotFinite, "the vectors hold NaN or infinity", {}};
    return largest;
}

/// Scale from `largest`, shift from the mean of the first rows.
Result<Frame> frameFrom(MatrixSource& source, bool centred, double largest) {
    const auto width = static_cast<std::size_t>(source.width());
    std::vector<float> room;
    SINKSCOPE_TRY(const auto first, source.read(0, std::min<std::int64_t>(source.rows(), kBlockRows), room));
    if (largest == 0) {
        SINKSCOPE_TRY(largest, largestOf(first));
    }
    Frame frame{powerOfTwo(largest), std::vector<float>(paddedWidth(width), 0.0F)};
    std::vector<double> sums(width);
    for (std::size_t i = 0; i < first.size(); ++i)
        sums[i % width] += static_cast<double>(first[i]) * static_cast<double>(frame.scale);
    for (std::size_t i = 0; centred && i < width; ++i)
        frame.shift[i] = static_cast<float>(sums[i] / static_cast<double>(first.size() / width));
    return frame;
}

/// Whole matrix, when the first rows were no guide to the size of the rest.
Result<double> largestOf(MatrixSource& source, const JobContext& context) {
    std::vector<float> room;
    double largest = 0;
    for (std::int64_t first = 0; first < source.rows(); first += kBlockRows) {
        SINKSCOPE_CHECK(context.checkpoint());
        SINKSCOPE_TRY(const auto block, source.read(first, std::min(kBlockRows, source.rows() - first), room));
        SINKSCOPE_TRY(const double here, largestOf(block));
        largest = std::max(largest, here);
    }
    return largest;
}

bool isFinite(const std::vector<double>& values) {
    return std::ranges::all_of(values, [](double value) { return std::isfinite(value); });
}

/// Sums of scale * x - shift; not finite when they overflow.
Result<Sums> sumsOf(MatrixSource& source, const Frame& frame, bool withProducts, ThreadTeam& team, const JobContext& context) {
    const auto width = static_cast<std::size_t>(source.width());
    const std::size_t padded = paddedWidth(width), panels = panelsOf(width);
    std::vector<Sums> streams(streamsFor(source.rows(), width));
    for (Sums& stream : streams) {
        stream.linear.assign(padded, 0.0);
        stream.squares.assign(padded, 0.0);
        stream.products.assign(withProducts ? padded * padded : 0, 0.0);
    }
    std::vector<std::vector<float>> packed(streams.size(), std::vector<float>(padded * kChunkRows));
    SINKSCOPE_CHECK(forEachChunk(source, streams.size(), team, context, [&](std::size_t stream, const float* rows, std::size_t count) {
        Sums& sums = streams[stream];
        float* room = packed[stream].data();
        packChunk(rows, count, width, frame.shift.data(), frame.scale, room, sums.linear.data());
        if (withProducts)
            addProducts(room, panels, sums.products.data());
        else
            addSquares(room, panels, sums.squares.data());
    }));
    Sums& total = streams.front();
    for (std::size_t stream = 1; stream < streams.size(); ++stream) {
        std::ranges::transform(total.linear, streams[stream].linear, total.linear.begin(), std::plus<>());
        std::ranges::transform(total.squares, streams[stream].squares, total.squares.begin(), std::plus<>());
        std::ranges::transform(total.products, streams[stream].products, total.products.begin(), std::plus<>());
    }
    for (std::size_t i = 0; withProducts && i < padded; ++i)
        total.squares[i] = total.products[i * padded + i];
    total.finite = isFinite(total.linear) && isFinite(total.squares);
    return std::move(total);
}

/// From sums about the shift to moments about the mean.
Moments momentsFrom(const Sums& sums, Frame frame, std::int64_t rows, std::size_t width, bool centred) {
    const std::size_t padded = paddedWidth(width);
    const auto count = static_cast<double>(rows);
    const double back = 1.0 / static_cast<double>(frame.scale);
    Moments moments;
    moments.mean.resize(width);
    std::vector<double> offset(width); // of the mean from the shift, in the scaled numbers
    for (std::size_t i = 0; i < width; ++i) {
        offset[i] = centred ? sums.linear[i] / count : 0.0;
        const double shift = frame.shift[i], about = sums.linear[i] / count;
        moments.mean[i] = centred ? (shift + about) * back : 0.0;
        const double centredSquares = std::max(0.0, sums.squares[i] - count * offset[i] * offset[i]);
        moments.total += centredSquares * back * back;
        moments.raw += (sums.squares[i] + 2 * shift * sums.linear[i] + count * shift * shift) * back * back;
    }
    if (!sums.products.empty()) {
        moments.products.resize(width * width);
        for (std::size_t i = 0; i < width; ++i)
            for (std::size_t j = i; j < width; ++j)
                moments.products[i * width + j] = moments.products[j * width + i] =
                    (sums.products[i * padded + j] - count * offset[i] * offset[j]) * back * back;
    }
    moments.frame = std::move(frame);
    return moments;
}

} // namespace

std::size_t streamsFor(std::int64_t rows, std::size_t width) {
    const std::size_t most = width <= 256 ? 16 : width <= 1024 ? 8 : 4; // they cost width^2 each
    return std::clamp<std::size_t>(static_cast<std::size_t>((rows + kBlockRows - 1) / kBlockRows), 1, most);
}

Result<void> forEachChunk(MatrixSource& source, std::size_t streams, ThreadTeam& team, const JobContext& context, const ChunkWork& work) {
    FirstError failure;
    const auto width = static_cast<std::size_t>(source.width());
    SINKSCOPE_CHECK(team.run(streams, [&](std::size_t stream, int) {
        std::vector<float> room;
        const auto step = static_cast<std::int64_t>(streams) * kBlockRows;
        for (std::int64_t first = static_cast<std::int64_t>(stream) * kBlockRows; first < source.rows(); first += step) {
            if (context.cancelled() || failure.get())
                return;
            const std::int64_t count = std::min(kBlockRows, source.rows() - first);
            const auto block = source.read(first, count, room);
            if (!block)
                return failure.set(block.error());
            for (std::size_t row = 0; row < static_cast<std::size_t>(count); row += kChunkRows)
                work(stream, block->data() + row * width, std::min(kChunkRows, static_cast<std::size_t>(count) - row));
        }
    }, context));
    if (failure.get())
        return *failure.get();
    return context.checkpoint();
}

Result<Moments> momentsOf(MatrixSource& source, bool centred, bool withProducts, ThreadTeam& team, const JobContext& context) {
    const auto width = static_cast<std::size_t>(source.width());
    SINKSCOPE_TRY(Frame frame, frameFrom(source, centred, 0.0));
    SINKSCOPE_TRY(Sums sums, sumsOf(source, frame, withProducts, team, context));
    if (!sums.finite) { // NaN, infinity, or numbers far larger than the first ones
        SINKSCOPE_TRY(const double largest, largestOf(source, context));
        SINKSCOPE_TRY(frame, frameFrom(source, centred, largest));
        SINKSCOPE_TRY(sums, sumsOf(source, frame, withProducts, team, context));
    }
    SINKSCOPE_ASSERT(sums.finite); // every number is now at most 1
    return momentsFrom(sums, std::move(frame), source.rows(), width, centred);
}

} // namespace sinkscope::pca
