// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"

#include <cstddef>
#include <span>

namespace sinkscope {

/// Query, key and value vectors of one sample in one layer, after position encoding (as the dot product sees them).
struct VectorsTap {
    int sample = 0, layer = 0;
    int tokens = 0, heads = 0, keyValueHeads = 0, headWidth = 0;
    int window = 0;       ///< AttentionRule::window of the layer
    bool hasSink = false; ///< the heads have learned sinks
    std::span<const float> query; ///< [heads, tokens, headWidth]
    std::span<const float> key;   ///< [keyValueHeads, tokens, headWidth]
    std::span<const float> value; ///< [keyValueHeads, tokens, headWidth]
};

/// Some rows (queries) of the attention weights of one head. Columns at and beyond `keys` are zero and not stored.
struct AttentionTap {
    int sample = 0, layer = 0, head = 0;
    int pass = 0;             ///< see TapConsumer::attentionPasses
    int tokens = 0;           ///< T
    int firstQuery = 0;       ///< row 0 of `weights` is this query
    int queries = 0;          ///< rows here
    int keys = 0;             ///< columns here
    std::size_t stride = 0;   ///< floats from one row to the next
    const float* weights = nullptr; ///< [queries, keys], each row sums to 1, with `sink` where there is one
    bool causal = true;
    int window = 0;           ///< AttentionRule::window: keys outside have weight 0
    const float* sink = nullptr; ///< [queries] weight of the head's learned sink, a column of its own; null: it has none
};

/// Hidden state of one sample: after the embedding (layer -1) or after a layer (the residual stream; the last one before the
/// final norm).
struct HiddenTap {
    int sample = 0, layer = 0, tokens = 0, width = 0;
    std::span<const float> hidden; ///< [tokens, width]
};

struct LogitsTap {
    int sample = 0, tokens = 0, vocabulary = 0;
    std::span<const float> logits; ///< [tokens, vocabulary]
};

/// Receives what a forward pass computes. The spans live only during the call.
/// Threads: `onAttention` is called for several heads at once from several threads, but the blocks of one
/// (sample, layer, head) arrive one after the other, in order of queries, on one thread. Everything else is called from the
/// thread that runs the model. Per (layer, sample) the order is onVectors, onAttention..., onHidden, but several samples are
/// under way at once: onVectors of several samples may come before the first onAttention, and heads of different samples may
/// be delivered at the same time. Once every sample has passed the layer, onLayerDone.
class TapConsumer {
public:
    virtual ~TapConsumer() = default;
    /// How often each head's blocks are delivered (2: a first pass over all of them, then a second one over the same
    /// numbers, for statistics that need a threshold found in the first). 0: attention is not delivered at all.
    [[nodiscard]] virtual int attentionPasses() const { return 0; }
    [[nodiscard]] virtual bool wantsLogits() const { return false; }
    /// False lets the pass stop inside the last layer that is needed.
    [[nodiscard]] virtual bool wantsHidden() const { return true; }
    virtual Result<void> onVectors(const VectorsTap&) { return {}; }
    virtual void onAttention(const AttentionTap&) {}
    virtual Result<void> onHidden(const HiddenTap&) { return {}; }
    virtual Result<void> onLogits(const LogitsTap&) { return {}; }
    virtual Result<void> onLayerDone(int /*layer*/) { return {}; }
};

} // namespace sinkscope
