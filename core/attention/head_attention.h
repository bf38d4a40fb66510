// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <span>
#include <vector>

namespace sinkscope {

/// How logits become weights. Stored with a capture, so that attention can be recomputed from query and key.
struct AttentionRule {
    double scale = 1.0;  ///< logit = scale * query . key
    bool causal = true;
};

/// Attention of one head, recomputed.
struct HeadAttention {
    int tokens = 0;
    bool causal = true;
    std::vector<float> logits;  ///< [tokens, tokens] scaled logits; keys a query cannot see hold -infinity
    std::vector<float> weights; ///< [tokens, tokens] softmax over keys; 0 where not visible
};

/// Turns rows of scaled logits into weights in place (softmax over the first `visible` entries, zero after), in float32 with the
/// row maximum subtracted. Returns the row's entropy in nats, from the same exponentials. Thread: any.
float softmaxRow(float* row, int visible, int length);

/// Logits and weights of one head from its vectors, both [tokens, headWidth] row-major. Thread: any.
HeadAttention headAttention(std::span<const float> query, std::span<const float> key, int tokens, int headWidth,
                            const AttentionRule& rule);

/// Copies rows x columns of a matrix into at most `size` x `size` cells by taking the maximum of what falls into a cell.
std::vector<float> maxPooled(std::span<const float> matrix, int rows, int columns, int size);

} // namespace sinkscope
