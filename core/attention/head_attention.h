// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace sinkscope {

/// How query and key of a head become weights. Stored with a capture, so that attention can be recomputed from them.
struct AttentionRule {
    double scale = 1.0;  ///< logit = scale * query . key
    bool causal = true;
    double softCap = 0;  ///< then cap * tanh(logit / cap); 0: no cap (Gemma 2)
    int window = 0;      ///< a query sees the keys less than so many positions away, itself included; 0: all
    /// ALiBi (Press et al., ICLR 2022): slope * (key - query) is added. Slopes are positive.
    double alibiSlope = 0;
    /// Instead, the bias slope * key is rounded to bfloat16 and multiplied by the scale, as Falcon does.
    bool alibiInBFloat16 = false;
    /// Logit of a learned sink: a column of its own that takes part in the softmax and has no value (gpt-oss). The weights of the
    /// keys and the weight of the sink add up to 1.
    std::optional<float> sink{};

    /// Keys first..end-1 of `tokens` are visible to a query.
    [[nodiscard]] int firstVisible(int query) const { return window > 0 && query >= window ? query - window + 1 : 0; }
    [[nodiscard]] int endVisible(int query, int tokens) const {
        const int end = causal ? query + 1 : window > 0 && query < tokens - window ? query + window : tokens;
        return end < tokens ? end : tokens;
    }
    bool operator==(const AttentionRule&) const = default;
};

/// What differs between the layers and heads of a model. Empty: nothing does.
struct HeadRules {
    std::vector<int> windows;        ///< [layers], 0: none
    std::vector<double> alibiSlopes; ///< [heads]
    std::vector<float> sinks;        ///< [layers, heads]
    /// The rule of a head: `common` with what differs put in.
    [[nodiscard]] AttentionRule of(AttentionRule common, int layer, int head, int heads) const;
    bool operator==(const HeadRules&) const = default;
};

/// Slopes of ALiBi for a number of heads: 2^(-i bias / n) for i = 1..n when n is a power of two; else those of the power below, then
/// every other one of the power above, as its authors do. `bias` is 8 in the paper. Thread: any.
std::vector<double> alibiSlopes(int heads, double bias);

/// Attention of one head, recomputed.
struct HeadAttention {
    int tokens = 0;
    bool causal = true;
    std::vector<float> logits;  ///< [tokens, tokens] scaled logits with cap and bias; keys a query cannot see hold -infinity
    std::vector<float> weights; ///< [tokens, tokens] softmax over keys; 0 where not visible
    std::vector<float> sink{};  ///< [tokens] weight of each query on the learned sink; empty when the head has none
};

/// x = cap * tanh(x / cap). Thread: any.
void capLogits(float* row, std::size_t count, double cap);
/// Soft cap and bias of ALiBi on a query's scaled logits with keys first..end-1 of `row`. Thread: any.
void shapeLogits(float* row, int query, int first, int end, const AttentionRule& rule);

/// Turns rows of scaled logits into weights in place (softmax over the first `visible` entries, zero after), in float32 with the
/// row maximum subtracted. Returns the row's entropy in nats, from the same exponentials. Thread: any.
float softmaxRow(float* row, int visible, int length);
/// The same for keys first..end-1 (zero before, too) and, where the rule has one, its learned sink, whose weight goes to `sinkWeight`.
/// The entropy is that of keys and sink together.
float softmaxRow(float* row, int first, int end, int length, const AttentionRule& rule, float* sinkWeight);

/// Logits and weights of one head from its vectors, both [tokens, headWidth] row-major. Thread: any.
HeadAttention headAttention(std::span<const float> query, std::span<const float> key, int tokens, int headWidth,
                            const AttentionRule& rule);

/// Copies rows x columns of a matrix into at most `size` x `size` cells by taking the maximum of what falls into a cell.
std::vector<float> maxPooled(std::span<const float> matrix, int rows, int columns, int size);

} // namespace sinkscope
