// SPDX-License-Identifier: Apache-2.0
#include "core/attention/statistics_kernels.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <utility>

// One compiled version of a function per instruction set, chosen when the program starts. The choice runs before the sanitizers
// have set themselves up, so their builds go without.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__SANITIZE_THREAD__) && !defined(__SANITIZE_ADDRESS__) && \
    !defined(__clang__)
#define SINKSCOPE_CLONES __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define SINKSCOPE_CLONES
#endif
#define SINKSCOPE_INLINE inline __attribute__((always_inline))

namespace sinkscope {
namespace {

/// Bit pattern of a float. For floats that are not negative the patterns are ordered as the numbers are.
SINKSCOPE_INLINE std::int32_t patternOf(float value) { return std::bit_cast<std::int32_t>(value); }

/// -w ln w from the bit pattern of w; 0 for w = 0. The mantissa m is brought to [sqrt(1/2), sqrt(2)), where
/// ln m = 2 artanh(s), s = (m-1)/(m+1), |s| < 0.172: five terms leave a relative error below 1e-8.
SINKSCOPE_INLINE float entropyTerm(float weight, std::int32_t pattern) {
    constexpr std::uint32_t kOne = 0x3f800000, kSqrtHalf = 0x3f3504f3;
    const std::uint32_t shifted = static_cast<std::uint32_t>(pattern) + (kOne - kSqrtHalf); // unsigned: a NaN may wrap
    const float exponent = static_cast<float>(static_cast<std::int32_t>(shifted >> 23) - 127);
    const float mantissa = std::bit_cast<float>((shifted & 0x007fffffU) + kSqrtHalf);
    const float s = (mantissa - 1.0F) / (mantissa + 1.0F);
    const float square = s * s;
    const float series = 2.0F + square * (2.0F / 3 + square * (2.0F / 5 + square * (2.0F / 7 + square * (2.0F / 9))));
    return -weight * (exponent * 0.69314718F + s * series);
}

/// First index whose pattern is `wanted`; there must be one.
SINKSCOPE_INLINE std::int32_t indexOf(const float* row, int count, std::int32_t wanted) {
    constexpr int kBlock = 32;
    int begin = 0;
    for (; begin + kBlock <= count; begin += kBlock) {
        std::int32_t found = 0;
#pragma omp simd reduction(| : found)
        for (int j = 0; j < kBlock; ++j)
            found |= patternOf(row[begin + j]) == wanted ? 1 : 0;
        if (found != 0)
            break;
    }
    while (begin + 1 < count && patternOf(row[begin]) != wanted)
        ++begin;
    return begin;
}

/// 3 mantissa bits: enough buckets to leave few weights in one, few enough to clear for every head.
constexpr int kCoarseShift = 20;
constexpr std::uint32_t kCoarseBuckets = 1024;

/// Clamped, so that a negative number or a NaN (which the caller rejects later) cannot leave the table.
SINKSCOPE_INLINE std::uint32_t coarseBucket(float value) {
    return std::min(std::bit_cast<std::uint32_t>(value) >> kCoarseShift, kCoarseBuckets - 1);
}

/// Where numpy's linear interpolation looks: between the sorted values `index` and `index + 1`.
struct QuantilePosition {
    std::uint64_t index;
    double fraction;
};

QuantilePosition positionOf(double q, std::uint64_t total) {
    const double exact = std::clamp(q, 0.0, 1.0) * static_cast<double>(total - 1);
    const double whole = std::floor(exact);
    return {static_cast<std::uint64_t>(whole), exact - whole};
}

/// The weights that fall into one bucket.
void collectBucket(const WeightBlock& block, int firstQuery, std::uint32_t bucket, std::vector<float>& values) {
    std::size_t count = 0;
    for (int query = firstQuery; query < block.firstQuery + block.queries; ++query) {
        const float* row = block.row(query);
        for (int j = block.first(query), end = block.end(query); j < end; ++j) {
            values[count] = row[j]; // written always and kept if it counts: no branch to mispredict
            count += coarseBucket(row[j]) == bucket ? 1 : 0;
        }
    }
    values.resize(count);
}

/// The values of rank `rank` and `rank + 1` (the same one twice if there is no next), given how many each bucket holds.
std::pair<float, float> neighboursAt(const WeightBlock& block, int firstQuery, std::span<const std::uint32_t> counts,
                                     std::uint64_t rank) {
    std::uint32_t bucket = 0;
    while (rank >= counts[bucket])
        rank -= counts[bucket++];
    std::vector<float> values(counts[bucket] + std::size_t{1});
    collectBucket(block, firstQuery, bucket, values);
    const auto low = values.begin() + static_cast<std::ptrdiff_t>(rank);
    std::nth_element(values.begin(), low, values.end());
    const float value = *low;
    if (low + 1 != values.end())
        return {value, *std::min_element(low + 1, values.end())};
    do
        ++bucket;
    while (bucket < counts.size() && counts[bucket] == 0);
    if (bucket == counts.size())
        return {value, value};
    values.resize(counts[bucket] + std::size_t{1});
    collectBucket(block, firstQuery, bucket, values);
    return {value, *std::min_element(values.begin(), values.end())};
}

// The sketch keeps 10 mantissa bits of weights from 2^-40 up; all that is smaller shares the first bucket.
constexpr int kFineShift = 13;
constexpr std::int32_t kFineFirst = (127 - 40) << (23 - kFineShift);
constexpr std::int32_t kFineBuckets = (40 << (23 - kFineShift)) + 2;

SINKSCOPE_CLONES void fineBuckets(const float* __restrict row, int count, std::int32_t* __restrict buckets) {
#pragma omp simd
    for (int j = 0; j < count; ++j) {
        const std::int32_t bucket = (patternOf(row[j]) >> kFineShift) - kFineFirst;
        buckets[j] = bucket < 0 ? 0 : bucket < kFineBuckets ? bucket : kFineBuckets - 1;
    }
}

} // namespace

SINKSCOPE_CLONES RowSummary summarizeRow(const float* __restrict row, int count, float* __restrict columns,
                                         float* __restrict maxima) {
    float entropy = 0;
    std::int32_t largest = 0;
#pragma omp simd reduction(+ : entropy) reduction(max : largest)
    for (int j = 0; j < count; ++j) {
        const float weight = row[j];
        const std::int32_t pattern = patternOf(weight);
        entropy += entropyTerm(weight, pattern);
        largest = largest < pattern ? pattern : largest;
        columns[j] += weight;
        maxima[j] = maxima[j] < weight ? weight : maxima[j];
    }
    return {entropy, indexOf(row, count, largest)};
}

SINKSCOPE_CLONES void countHits(const float* __restrict row, int count, float threshold, float* __restrict counts) {
#pragma omp simd
    for (int j = 0; j < count; ++j)
        counts[j] += row[j] >= threshold ? 1.0F : 0.0F;
}

SINKSCOPE_CLONES void rowNorms(std::span<const float> data, int width, std::span<float> norms) {
    for (std::size_t row = 0; row < norms.size(); ++row) {
        const float* values = data.data() + row * static_cast<std::size_t>(width);
        double sum = 0; // a component of 1e20 must not overflow
#pragma omp simd reduction(+ : sum)
        for (int j = 0; j < width; ++j)
            sum += static_cast<double>(values[j]) * static_cast<double>(values[j]);
        norms[row] = static_cast<float>(std::sqrt(sum));
    }
}

float exactQuantile(const WeightBlock& block, int firstQuery, double q) {
    std::array<std::uint32_t, kCoarseBuckets> counts{};
    std::array<std::uint32_t, kCoarseBuckets> other{}; // two tables: neighbours often fall into the same bucket
    const int first = std::max(firstQuery, block.firstQuery);
    std::uint64_t total = 0;
    for (int query = first; query < block.firstQuery + block.queries; ++query) {
        const float* row = block.row(query);
        const int end = block.end(query);
        int j = block.first(query);
        total += static_cast<std::uint64_t>(end - j);
        for (; j + 1 < end; j += 2) {
            ++counts[coarseBucket(row[j])];
            ++other[coarseBucket(row[j + 1])];
        }
        if (j < end)
            ++counts[coarseBucket(row[j])];
    }
    if (total == 0)
        return 0;
    for (std::uint32_t bucket = 0; bucket < kCoarseBuckets; ++bucket)
        counts[bucket] += other[bucket];
    const QuantilePosition position = positionOf(q, total);
    const auto [low, high] = neighboursAt(block, first, counts, position.index);
    return static_cast<float>(low + (static_cast<double>(high) - low) * position.fraction);
}

QuantileSketch::QuantileSketch() : m_counts(static_cast<std::size_t>(kFineBuckets), 0) {}

void QuantileSketch::add(const float* row, int count) {
    std::array<std::int32_t, 64> buckets; // found for many weights at once, then counted one by one
    for (int from = 0; from < count; from += static_cast<int>(buckets.size())) {
        const int batch = std::min(static_cast<int>(buckets.size()), count - from);
        fineBuckets(row + from, batch, buckets.data());
        for (int j = 0; j < batch; ++j)
            ++m_counts[static_cast<std::size_t>(buckets[static_cast<std::size_t>(j)])];
    }
    m_total += static_cast<std::uint64_t>(count);
}

float QuantileSketch::quantile(double q) const {
    if (m_total == 0)
        return 0;
    std::uint64_t rank = positionOf(q, m_total).index;
    std::int32_t bucket = 0;
    while (rank >= m_counts[static_cast<std::size_t>(bucket)])
        rank -= m_counts[static_cast<std::size_t>(bucket++)];
    return bucket == 0 ? 0.0F : std::bit_cast<float>((bucket + kFineFirst) << kFineShift);
}

} // namespace sinkscope
