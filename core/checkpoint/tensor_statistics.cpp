// SPDX-License-Identifier: Apache-2.0
#include "core/checkpoint/tensor_statistics.h"

#include "core/checkpoint/tensor_pieces.h"

#include <array>
#include <cmath>
#include <limits>

namespace sinkscope {
namespace {

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
    TensorStatistics statistics{};
    statistics.count = elementCount(tensor);
    Moments moments;
    double lowest = std::numeric_limits<double>::infinity(), highest = -lowest;
    SINKSCOPE_CHECK(readPieces(tensor, context, [&](std::size_t, std::span<double> values) { addPiece(values, statistics, moments, lowest, highest); }));
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
