// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/nn/attention_block.h"
#include "core/nn/expert_cache.h"
#include "core/nn/linear.h"
#include "core/nn/pass_layout.h"
#include "core/model/rope_table.h"
#include "core/nn/routing.h"
#include "core/nn/weight_cache.h"

#include <atomic>
#include <chrono>
#include <map>
#include <vector>

namespace sinkscope {

/// Rows that one task of a row-wise loop takes.
inline constexpr std::size_t kRowsPerTask = 128;

/// One run of checked samples through a model. Throws std::bad_alloc and what ATen throws. Thread: the one that made it.
class ForwardPass {
public:
    ForwardPass(const ModelSpec& spec, std::span<const SampleInput> samples, const RunOptions& options, TapConsumer& consumer,
                JobContext& context, std::unique_ptr<DeviceProduct> device);
    Result<void> run();

private:
    using Rows = std::size_t;
    struct RowPlace {
        std::size_t firstRow = 0; ///< of its sample, within the group
        std::size_t tokens = 0;
        int position = 0;
        const RopeTable* rope = nullptr;
    };

    // forward_pass.cpp: the order of things
    Result<void> runLayer(int layer);
    Result<void> runGroup(int layer, const SampleGroup& group);
    Result<void> deliverHidden(int layer, const SampleGroup& group);
    Result<void> deliverVectors(int layer, const SampleGroup& group);
    Result<void> attend(int layer, const SampleGroup& group, bool needsOutput);
    [[nodiscard]] bool delivers(int layer) const;
    [[nodiscard]] std::string progressText(int layer) const;
    [[nodiscard]] bool stopsInside(int layer) const { return layer == m_layout.lastLayer && !m_layout.finishesLast; }
    void startGroup(int layer, const SampleGroup& group);
    Result<void> checkFinite(int layer, const SampleGroup& group) const;

    // embedding.cpp, project_vectors.cpp, layer_math.cpp: one group through one block of the layer
    Result<void> embed();
    Result<void> projectVectors(const SampleGroup& group);
    Result<void> projectOne(const MatrixView& input, Role weight, Role bias, std::size_t outputColumns, std::size_t firstColumn);
    void scatter(const Tile& tile, std::size_t firstColumn, const float* bias);
    struct VectorPlace {
        FloatBuffer* target = nullptr;
        std::size_t column = 0, width = 0; ///< of the head's first component, and of all heads
    };
    [[nodiscard]] VectorPlace placeOf(std::size_t column);
    Result<void> normaliseVectors(const SampleGroup& group);
    void normaliseHeads(const RowPlace& place, FloatBuffer& vectors, std::size_t width, Role weight, Role bias, std::vector<float>& row);
    Result<void> projectOutput(const SampleGroup& group);
    Result<void> runMlp(const SampleGroup& group, Rows firstInGroup, Rows rows);
    [[nodiscard]] MatrixView gateUpPart(Role part) const;
    Result<void> addProduct(const MatrixView& input, Role weight, Role bias, Role postNorm, Rows firstRow);
    Result<void> addRows(const float* from, Rows firstRow, Rows rows);
    Result<void> normalise(Role weight, Role bias, const float* from, Rows rows, float* to, std::size_t width);
    void normaliseRow(const float* scale, const float* shift, const float* from, std::size_t width, float* to) const;
    Result<void> projectEmbedding(const float* table, Rows rows);
    void addPositions(const SampleInput& sample, float* rows, std::size_t width) const;
    // experts.cpp: all rows through the experts of the layer
    Result<void> routeRows();
    Result<void> runExperts(int layer);
    Result<void> runExpert(std::span<const Route> routes);
    Result<void> gateExpert(const MatrixView& input);

    /// Whether the layer at hand (or the model) has a norm.
    [[nodiscard]] bool applies(Role norm) const { return m_weights.vector(norm) || m_spec.unweightedNorms[static_cast<std::size_t>(norm)]; }
    [[nodiscard]] bool isPreNorm() const { return m_spec.preNorm; }

    // logits.cpp
    Result<void> deliverLogits();
    Result<void> headInput(const float* hidden, Rows tokens, float* to);

    [[nodiscard]] float* hiddenRow(Rows row) const { return m_hidden.data() + row * m_width; }
    [[nodiscard]] std::size_t tokensOf(int sample) const { return m_samples[static_cast<std::size_t>(sample)].ids.size(); }
    [[nodiscard]] const RopeTable& ropeFor(std::size_t tokens, bool local);

    const ModelSpec& m_spec;
    std::span<const SampleInput> m_samples;
    const RunOptions& m_options;
    const RopeParameters m_rope; ///< the model's, or those of the intervention
    const int m_shift;           ///< of all positions
    const EditTable m_edits;
    const std::vector<EmbeddingEdit> m_embeddingEdits;
    TapConsumer& m_consumer;
    JobContext& m_context;
    PassLayout m_layout;
    std::size_t m_width, m_queryWidth, m_keyWidth, m_headWidth, m_tableWidth;
    const std::shared_ptr<RunMeter> m_meter;
    const std::chrono::steady_clock::time_point m_start = std::chrono::steady_clock::now();
    ThreadTeam m_team;
    LinearRunner m_linear;
    WeightCache m_weights;
    ExpertCache m_expertWeights;
    std::vector<AttentionBlocks> m_blocks; ///< [worker]

    FloatBuffer m_hidden;                 ///< [rows, width], all samples
    FloatBuffer m_work;                   ///< [group rows, max(width, heads x headWidth)]: normalised rows, then attention output
    FloatBuffer m_query, m_key, m_value;  ///< per sample of the group [heads, tokens, headWidth]
    FloatBuffer m_branch;                 ///< [group rows, width]: what the MLP of a parallel block reads, or a branch before its norm
    FloatBuffer m_mlp, m_logits, m_head;
    FloatBuffer m_router;                 ///< [group rows, experts]: logits
    FloatBuffer m_expertSum;              ///< [rows, width], all samples
    RoutingTable m_routing;
    std::vector<RowPlace> m_places;        ///< [group rows]
    std::map<std::pair<bool, std::size_t>, RopeTable> m_ropes; ///< [local, tokens]
    std::atomic<bool> m_finite{true};
    std::atomic<int> m_badHead{-1};        ///< sample * heads + head
};

} // namespace sinkscope
