// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace sinkscope {

/// Side length of the thumbnails in LayerStatistics.
inline constexpr int kThumbnailSize = 32;

/// What is kept of every head of one sample in one layer: streamed while the model runs, so that no [head, query, key] array
/// exists. Immutable once published. T = tokens, H = query heads, G = key/value heads.
struct LayerStatistics {
    int sample = 0, layer = 0;
    int tokens = 0, heads = 0, keyValueHeads = 0;
    bool causal = true;
    int window = 0;                    ///< AttentionRule::window of the layer; 0: none
    double quantile = 0.9;             ///< of the visible entries of a head; the threshold behind `hitFrequency`

    std::vector<float> columnMass;     ///< [H, T] sum over queries of the weight on a key, query 0 included
    /// [H, T] weight of a query on the head's learned sink; empty where heads have none. What a query gives to keys and sink adds up to
    /// 1. The entropies count it as one more column; everything that is said about keys leaves it out.
    std::vector<float> sinkWeight{};
    std::vector<float> rowEntropy;     ///< [H, T] entropy of a query's weights, nats
    std::vector<std::int32_t> rowArgmax; ///< [H, T] key with the largest weight of a query
    std::vector<float> previousWeight; ///< [H, T] weight of query i on key i-1 (0 for query 0)
    std::vector<float> selfWeight;     ///< [H, T] weight of query i on itself
    std::vector<float> threshold;      ///< [H] the quantile itself (query 0 left out when causal)
    /// [H, T] share of the queries that can see a key (without query 0 when causal) whose weight on it is at least
    /// min(threshold, kHitCeiling) and above 1/(number of keys that the query sees). Design note 3.1, robust variant.
    std::vector<float> hitFrequency;
    std::vector<float> queryNorm;      ///< [H, T] Euclidean
    std::vector<float> keyNorm;        ///< [G, T]
    std::vector<float> valueNorm;      ///< [G, T]
    std::vector<float> hiddenNorm;     ///< [T] residual stream after the layer
    std::vector<float> thumbnail;      ///< [H, s, s], s = min(T, kThumbnailSize): maxima of the weights

    [[nodiscard]] int keyValueHeadOf(int head) const { return head / (heads / keyValueHeads); }
    [[nodiscard]] std::span<const float> ofHead(const std::vector<float>& values, int head) const {
        return std::span(values).subspan(static_cast<std::size_t>(head) * tokens, static_cast<std::size_t>(tokens));
    }
    /// How many queries can see a key: T - key when causal, T otherwise, and no more than the window lets.
    [[nodiscard]] int eligible(int key) const {
        const int after = window > 0 && tokens - key > window ? window : tokens - key; // the key's own query among them
        const int before = causal ? 0 : window > 0 && key >= window ? window - 1 : key;
        return after + before;
    }
    /// How many keys a query can see.
    [[nodiscard]] int visibleKeys(int query) const {
        const int upTo = window > 0 && query >= window ? window : query + 1; // itself among them
        const int later = tokens - 1 - query;
        return causal ? upTo : upTo + (window > 0 && later >= window ? window - 1 : later);
    }
    /// Received attention of a key, the score of Gu et al. (ICLR 2025): columnMass / eligible.
    [[nodiscard]] float received(int head, int key) const {
        return columnMass[static_cast<std::size_t>(head) * tokens + key] / static_cast<float>(eligible(key));
    }
};

} // namespace sinkscope
