// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/math/spectral/seeded_random.h"

#include <span>
#include <vector>

namespace sinkscope {

/// What an attention matrix could look like without any structure between its rows. Marchenko-Pastur is none of them: its entries are
/// independent, those of a row of attention sum to 1 (design note 3.7).
enum class AttentionNull {
    Shuffled,        ///< the visible entries of every row in random order
    MatchedEntropy,  ///< softmax of normal numbers, sharpened until every row has the entropy of the original
    MatchedVariance, ///< softmax of normal numbers with the variance of the row's logits
    Gaussian,        ///< visible entries normal with the mean and variance of all visible entries; rows do not sum to 1
};

/// One matrix [tokens, tokens] of that kind. `weights` and `logits` are [tokens, tokens]; what a query cannot see stays 0. Logits of -infinity
/// (weights of exactly 0) do not count for the variance. O(tokens^2), times about 40 for MatchedEntropy. Thread: any.
std::vector<float> drawNull(AttentionNull kind, std::span<const float> weights, std::span<const float> logits, std::size_t tokens, bool causal,
                            SeededRandom& random);

} // namespace sinkscope
