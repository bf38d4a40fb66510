// SPDX-License-Identifier: Apache-2.0
#include "core/checkpoint/tensor_statistics.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

namespace sinkscope {
namespace {

constexpr std::size_t kPiece = 1U << 15U;   ///< elements; both buffers stay in the second-level cache
constexpr std::size_t kPrefetch = 64U << 20U; ///< bytes read ahead, and given back, at a time

template <typename T> void widen(const std::byte* from, std::span<double> to) {
    for (std::size_t i = 0; i < to.size(); ++i) {
        T value;
        std::memcpy(&value, from + i * sizeof(T), sizeof(T));
        to[i] = static_cast<double>(value);
    }
}

/// A piece as doubles; types that float cannot hold exactly go straight there.
void readPiece(const TensorInfo& tensor, std::size_t first, std::span<double> to, std::vector<float>& floats) {
    const std::byte* from = tensor.bytes.data() + first * sizeOf(tensor.dtype);
    switch (tensor.dtype) {
    case DType::F64: return widen<double>(from, to);
    case DType::I64: return widen<std::int64_t>(from, to);
    case DType::U64: return widen<std::uint64_t>(from, to);
    case DType::I32: return widen<std::int32_t>(from, to);
    case DType::U32: return widen<std::uint32_t>(from, to);
    default: break;
    }
    convertToFloat(tensor, first, std::span(floats).first(to.size()));
    std::copy_n(floats.begin(), to.size(), to.begin());
}

/// Moments of a piece. Summed in eight lanes, so that the compiler can use wide registers without reordering sums itself.
struct Moments {
    std::uint64_t count = 0;
    double mean = 0, squares = 0; ///< squares: sum of squared differences from the mean
};

template <typename Function> double sumOf(std::span<const double> values, Function term) {
    std::array<double, 8> lanes{};
    std::size_t i = 0;
    for (; i + 8 <= values.size(); i += 8)
        for (std::size_t lane = 0; lane < 8; ++lane)
            lanes[lane] += term(values[i + lane]);
    for (; i < values.size(); ++i)
        lanes[0] += term(values[i]);
    return ((lanes[0] + lanes[4]) + (lanes[1] + lanes[5])) + ((lanes[2] + lanes[6]) + (lanes[3] + lanes[7]));
}

Moments momentsOf(std::span<const double> values) {
    Moments moments{values.size(), 0, 0};
    if (values.empty())
        return moments;
    moments.mean = sumOf(values, [](double value) { return value; }) / static_cast<double>(values.size());
    moments.squares = sumOf(values, [mean = moments.mean](double value) { return (value - mean) * (value - mean); });
    return moments;
}

/// Chan, Golub and LeVeque's update, which does not lose digits as the difference of two large sums would.
void merge(Moments& into, const Moments& other) {
    if (other.count == 0)
        return;
    const auto a = static_cast<double>(into.count), b = static_cast<double>(other.count);
    const double difference = other.mean - into.mean;
    into.mean += difference * b / (a + b);
    into.squares += other.squares + difference * difference * a * b / (a + b);
    into.count += other.count;
}

/// Counts, and moves what is finite to the front.
std::span<const double> keepFinite(std::span<double> values, TensorStatistics& statistics) {
    std::size_t kept = 0;
    for (const double value : values) {
        if (std::isnan(value))
            ++statistics.nans;
        else if (std::isinf(value))
            ++statistics.infinities;
        else
            values[kept++] = value;
    }
    return values.first(kept);
}

void addPiece(std::span<double> piece, TensorStatistics& statistics, Moments& moments, double& lowest, double& highest) {
    // A sum is finite if everything in it is: the slow loop runs on pieces that need it only.
    const bool clean = std::isfinite(sumOf(piece, [](double value) { return value * 0.0; }));
    const std::span<const double> values = clean ? piece : keepFinite(piece, statistics);
    std::uint64_t zeros = 0;
    for (const double value : values) {
        lowest = value < lowest ? value : lowest;
        highest = value > highest ? value : highest;
        zeros += value == 0.0 ? 1 : 0;
    }
    statistics.zeros += zeros;
    merge(moments, momentsOf(values));
}

} // namespace

Result<TensorStatistics> tensorStatistics(const TensorInfo& tensor, JobContext& context) {
    SINKSCOPE_CHECK(checkHasValues(tensor));
    const std::size_t size = sizeOf(tensor.dtype), count = tensor.bytes.size() / size;
    TensorStatistics statistics{};
    statistics.count = count;
    Moments moments;
    double lowest = std::numeric_limits<double>::infinity(), highest = -lowest;
    std::vector<double> piece(std::min(count, kPiece));
    std::vector<float> floats(piece.size());
    for (std::size_t first = 0; first < count; first += kPiece) {
        SINKSCOPE_CHECK(context.checkpoint());
        const std::size_t at = first * size;
        if (tensor.file && at % kPrefetch < kPiece * size) {
            tensor.file->prefetch(tensor.bytes.subspan(at, std::min(kPrefetch, tensor.bytes.size() - at)));
            tensor.file->release(tensor.bytes.first(at));
        }
        const std::span<double> values = std::span(piece).first(std::min(kPiece, count - first));
        readPiece(tensor, first, values, floats);
        addPiece(values, statistics, moments, lowest, highest);
        context.progress(static_cast<double>(first + values.size()) / static_cast<double>(count), tensor.name);
    }
    if (tensor.file)
        tensor.file->release(tensor.bytes);
    if (moments.count == 0)
        return statistics;
    const auto finite = static_cast<double>(moments.count);
    statistics.minimum = lowest;
    statistics.maximum = highest;
    statistics.mean = moments.mean;
    statistics.deviation = std::sqrt(moments.squares / finite);
    statistics.norm = std::sqrt(moments.squares + finite * moments.mean * moments.mean);
    return statistics;
}

} // namespace sinkscope
