// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/attention/head_attention.h"
#include "core/base/result.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace sinkscope {

/// How the tail of a key was found.
enum class TailMethod : std::uint8_t {
    Constant,    ///< all weights of a row are equal, in every row: permuting changes nothing, p = 1
    NotAbove,    ///< not above the mean; p = 1 stands for "not tested", which is conservative
    Exact,       ///< by convolution
    Edgeworth,   ///< so near to the mean that the saddlepoint is at 0
    Saddlepoint, ///< Lugannani and Rice (1980)
    Bound,       ///< Chernoff's, which is never too small; at the largest possible sum it is exact
};

/// Mean weight on a key under the null that within every row the visible weights are permuted at random, rows independently.
struct PermutedKey {
    double observed = 0, expected = 0; ///< mean over the counted queries that see the key
    double z = 0;                      ///< (observed - expected) / standard deviation; 0 when that is 0
    double p = 1;                      ///< chance of a mean at least as large
    TailMethod method = TailMethod::NotAbove;
};

/// The null of one head. Query 0 of a causal head is left out, as it has no choice. The distribution of a key's sum is that of
/// independent draws, one per row; its cumulant generating function is K(t) = sum over rows of log mean over keys of exp(t A).
/// Keeps a reference to the matrix. Thread: any, once made.
class RowPermutation {
public:
    /// Errors: NotFinite; InvalidArgument (a negative weight).
    static Result<RowPermutation> create(const HeadAttention& attention);
    /// `key` is seen by at least one counted query.
    [[nodiscard]] PermutedKey test(int key) const;

    /// Upper tail of the sum of the rows from `firstRow` on by convolution; nothing when it has too many different values.
    [[nodiscard]] std::optional<double> exactTail(int firstRow, double sum) const;
    /// The same by the saddlepoint. `sum` lies above the mean.
    [[nodiscard]] double saddlepointTail(int firstRow, double sum, TailMethod& method) const;

private:
    /// Of one row; sums over the rows from here to the last.
    struct Row {
        int visible = 0;
        float largest = 0;
        double meanSum = 0, varianceSum = 0, thirdSum = 0, largestSum = 0;
        double logTopSum = 0; ///< log of the chance that all these rows give their largest weight
    };
    struct Cumulants {
        double value = 0, first = 0, second = 0; ///< K, K', K''
    };
    explicit RowPermutation(const HeadAttention& attention) : m_attention(attention) {}
    [[nodiscard]] const float* row(int i) const { return &m_attention.weights[static_cast<std::size_t>(i) * static_cast<std::size_t>(m_attention.tokens)]; }
    [[nodiscard]] Cumulants cumulants(int firstRow, double t) const;
    void findDistinctWeights();

    const HeadAttention& m_attention;
    std::vector<Row> m_rows;              ///< [query]
    std::vector<float> m_distinct;        ///< weights of the whole head; empty when there are too many
};

} // namespace sinkscope
