// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/nn/attention_block.h"
#include "core/nn/linear.h"
#include "core/nn/pass_layout.h"
#include "core/nn/rope.h"
#include "core/nn/weight_cache.h"

#include <atomic>
#include <map>
#include <vector>

namespace sinkscope {

/// One run of checked samples through a model. Throws std::bad_alloc and what ATen throws. Thread: the one that made it.
class ForwardPass {
public:
    ForwardPass(const ModelSpec& spec, std::span<const SampleInput> samples, const RunOptions& options, TapConsumer& consumer,
                JobContext& context);
    Result<void> run();

private:
    using Rows = std::size_t;

    // forward_pass.cpp: the order of things
    Result<void> runLayer(int layer);
    Result<void> runGroup(int layer, const SampleGroup& group);
    Result<void> deliverHidden(int layer, const SampleGroup& group);
    Result<void> deliverVectors(int layer, const SampleGroup& group);
    Result<void> attend(int layer, const SampleGroup& group, bool needsOutput);
    [[nodiscard]] bool delivers(int layer) const;
    [[nodiscard]] bool stopsInside(int layer) const { return layer == m_layout.lastLayer && !m_layout.finishesLast; }
    void startGroup(const SampleGroup& group);
    Result<void> checkFinite(int layer, const SampleGroup& group) const;

    // layer_math.cpp: one group through one block of the layer
    Result<void> embed();
    Result<void> projectVectors(const SampleGroup& group);
    Result<void> projectOne(const MatrixView& input, Role weight, Role bias, std::size_t outputColumns, std::size_t firstColumn);
    void scatter(const Tile& tile, std::size_t firstColumn, const float* bias);
    Result<void> projectOutput(const SampleGroup& group);
    Result<void> runMlp(Rows firstRow, Rows rows);
    Result<void> addProduct(const MatrixView& input, Role weight, Role bias, Rows firstRow);
    Result<void> normalise(Role weight, Role bias, const float* from, Rows rows, float* to, const WeightCache& weights);
    [[nodiscard]] bool isPreNorm() const { return m_spec.arch->normPlacement == NormPlacement::Pre; }

    // logits.cpp
    Result<void> deliverLogits();
    Result<void> headInput(const float* hidden, Rows tokens, float* to);

    [[nodiscard]] float* hiddenRow(Rows row) const { return m_hidden.data() + row * m_width; }
    [[nodiscard]] std::size_t tokensOf(int sample) const { return m_samples[static_cast<std::size_t>(sample)].ids.size(); }
    [[nodiscard]] const RopeTable& ropeFor(std::size_t tokens);

    const ModelSpec& m_spec;
    std::span<const SampleInput> m_samples;
    const RunOptions& m_options;
    const RopeParameters m_rope; ///< the model's, or those of the intervention
    const int m_shift;           ///< of all positions
    const EditTable m_edits;
    TapConsumer& m_consumer;
    JobContext& m_context;
    PassLayout m_layout;
    std::size_t m_width, m_queryWidth, m_keyWidth, m_headWidth;
    ThreadTeam m_team;
    LinearRunner m_linear;
    WeightCache m_weights;
    std::vector<AttentionBlocks> m_blocks; ///< [worker]

    FloatBuffer m_hidden;                 ///< [rows, width], all samples
    FloatBuffer m_work;                   ///< [group rows, max(width, heads x headWidth)]: normalised rows, then attention output
    FloatBuffer m_query, m_key, m_value;  ///< per sample of the group [heads, tokens, headWidth]
    FloatBuffer m_mlp, m_logits;
    struct RowPlace {
        std::size_t firstRow = 0; ///< of its sample, within the group
        std::size_t tokens = 0;
        int position = 0;
        const RopeTable* rope = nullptr;
    };
    std::vector<RowPlace> m_places;        ///< [group rows]
    std::map<std::size_t, RopeTable> m_ropes;
    std::atomic<bool> m_finite{true};
    std::atomic<int> m_badHead{-1};        ///< sample * heads + head
};

} // namespace sinkscope
