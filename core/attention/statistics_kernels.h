// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace sinkscope {

/// A rectangle of attention weights of one head as the statistics see it.
struct WeightBlock {
    const float* weights = nullptr; ///< [queries, keys]
    std::size_t stride = 0;         ///< floats from one row to the next
    int firstQuery = 0, queries = 0, keys = 0;
    bool causal = true;
    int window = 0;

    [[nodiscard]] const float* row(int query) const { return weights + static_cast<std::size_t>(query - firstQuery) * stride; }
    /// A query sees the keys first(query) .. end(query) - 1.
    [[nodiscard]] int first(int query) const { return window > 0 && query >= window ? query - window + 1 : 0; }
    [[nodiscard]] int end(int query) const {
        const int last = causal ? query + 1 : window > 0 ? query + window : keys;
        return last < keys ? last : keys;
    }
};

/// What one pass over a row gives.
struct RowSummary {
    float entropy = 0; ///< nats
    std::int32_t argmax = 0;
};

/// Entropy and largest entry of a row of `count` weights in [0, 1]; adds the row to `columns` and raises `maxima` to it.
/// One pass, vectorised for the processor it runs on. Thread: any.
RowSummary summarizeRow(const float* row, int count, float* columns, float* maxima);

/// counts[j] += 1 where row[j] >= threshold. Thread: any.
void countHits(const float* row, int count, float threshold, float* counts);

/// Euclidean norm of each of `rows` vectors. `data` is [rows, width]. Thread: any.
void rowNorms(std::span<const float> data, int width, std::span<float> norms);

/// Quantile q of the weights that queries `firstQuery`.. of the block see, interpolated linearly between neighbours as numpy
/// does. Exact. 0 when there are none. Weights must not be negative. Thread: any.
float exactQuantile(const WeightBlock& block, int firstQuery, double q);

/// Counts weights by their leading bits, for heads that are too long to be held at once.
class QuantileSketch {
public:
    QuantileSketch();
    void add(const float* row, int count);
    /// The sorted value at or just below the quantile's position (no interpolation), rounded down to 11 significant bits: at most
    /// 2^-10 of itself too low, never too high, so that a weight that reaches the true quantile always reaches this one.
    [[nodiscard]] float quantile(double q) const;

private:
    std::vector<std::uint32_t> m_counts;
    std::uint64_t m_total = 0;
};

} // namespace sinkscope
