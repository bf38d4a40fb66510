// SPDX-License-Identifier: Apache-2.0
#include "core/nn/forward_pass.h"

#include <algorithm>
#include <cstdio>

namespace sinkscope {

ForwardPass::ForwardPass(const ModelSpec& spec, std::span<const SampleInput> samples, const RunOptions& options,
                         TapConsumer& consumer, JobContext& context, std::unique_ptr<DeviceProduct> device)
    : m_spec(spec), m_samples(samples), m_options(options),
      m_rope(options.intervention ? options.intervention->rope.value_or(spec.rope) : spec.rope),
      m_shift(options.intervention ? options.intervention->positionShift : 0),
      m_edits(options.intervention ? EditTable(*options.intervention, spec.layers, spec.heads) : EditTable()),
      m_embeddingEdits(options.intervention ? options.intervention->embeddings : std::vector<EmbeddingEdit>()), m_consumer(consumer),
      m_context(context),
      m_layout(layOut(spec, samples, options, consumer)), m_width(static_cast<std::size_t>(spec.width)),
      m_queryWidth(static_cast<std::size_t>(spec.heads) * static_cast<std::size_t>(spec.headWidth)),
      m_keyWidth(static_cast<std::size_t>(spec.keyValueHeads) * static_cast<std::size_t>(spec.headWidth)),
      m_headWidth(static_cast<std::size_t>(spec.headWidth)), m_tableWidth(static_cast<std::size_t>(spec.embeddingWidth)), m_meter(options.meter ? options.meter : std::make_shared<RunMeter>()),
      m_team(m_layout.threads, computeOnOneThread),
      m_linear(m_team, context, *m_meter, std::move(device)), m_weights(m_team, spec.arch->normAddsOne, options.compute, m_meter.get()), m_expertWeights(m_team, spec.experts, options.compute, m_meter.get()), m_blocks(static_cast<std::size_t>(m_team.size())) {
    m_hidden.reserve(m_layout.hidden);
    m_work.reserve(m_layout.work);
    m_query.reserve(m_layout.query);
    m_key.reserve(m_layout.keyValue);
    m_value.reserve(m_layout.keyValue);
    m_branch.reserve(m_layout.branch);
    m_mlp.reserve(m_layout.mlp);
    m_logits.reserve(m_layout.logits);
    m_head.reserve(m_layout.head);
    m_router.reserve(m_layout.router);
    m_expertSum.reserve(m_layout.expertSum);
}

bool ForwardPass::delivers(int layer) const {
    return m_options.layers.empty() || std::ranges::find(m_options.layers, layer) != m_options.layers.end();
}

const RopeTable& ForwardPass::ropeFor(std::size_t tokens, bool local) {
    // Only dynamic scaling and LongRope turn a longer sample by other angles; everything else shares the table of the longest.
    const RopeParameters& rope = local ? *m_spec.localRope : m_rope;
    const auto shift = static_cast<std::size_t>(m_shift), trained = static_cast<std::size_t>(rope.originalPositions);
    const bool own = rope.followsLength() && tokens + shift > trained;
    const std::size_t length = own ? tokens : m_layout.longestSample;
    const std::pair key{local, own ? length : 0};
    const auto found = m_ropes.find(key);
    if (found != m_ropes.end())
        return found->second;
    const bool longestIsStretched = !own && rope.followsLength();
    const std::size_t table = longestIsStretched ? std::min(length, trained - shift) : length;
    return m_ropes.emplace(key, RopeTable(rope, static_cast<int>(table), m_shift, m_spec.arch->interleavedRotary)).first->second;
}

void ForwardPass::startGroup(int layer, const SampleGroup& group) {
    m_places.clear();
    const bool rotates = m_spec.positionKind == Positions::Rope, local = m_spec.localRope && m_spec.windowOf(layer) > 0;
    for (int sample = group.first; sample < group.first + group.count; ++sample) {
        const std::size_t tokens = tokensOf(sample), firstRow = m_places.size();
        const RopeTable* rope = rotates ? &ropeFor(tokens, local) : nullptr;
        for (std::size_t token = 0; token < tokens; ++token)
            m_places.push_back({firstRow, tokens, static_cast<int>(token), rope});
    }
}

Result<void> ForwardPass::run() {
    m_context.progress(0.0, "embedding");
    SINKSCOPE_CHECK(embed());
    if (delivers(-1) && m_consumer.wantsHidden())
        for (const SampleGroup& group : m_layout.groups)
            SINKSCOPE_CHECK(deliverHidden(-1, group));
    for (int layer = 0; layer <= m_layout.lastLayer; ++layer)
        SINKSCOPE_CHECK(runLayer(layer));
    if (m_consumer.wantsLogits())
        SINKSCOPE_CHECK(deliverLogits());
    m_context.progress(1.0, "done");
    return {};
}

std::string ForwardPass::progressText(int layer) const {
    std::string text = "layer " + std::to_string(layer + 1) + " of " + std::to_string(m_layout.lastLayer + 1);
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - m_start).count();
    if (seconds < 1) // too short to say how fast it is
        return text;
    char rates[64];
    std::snprintf(rates, sizeof rates, ", %.2f GB/s, %.0f GFLOP/s", static_cast<double>(m_meter->weightBytes()) / seconds * 1e-9,
                  (m_meter->productOperations() + m_meter->attentionOperations()) / seconds * 1e-9);
    return text + rates;
}

Result<void> ForwardPass::runLayer(int layer) {
    const auto& tensors = m_spec.layerTensors[static_cast<std::size_t>(layer)];
    SINKSCOPE_CHECK(m_weights.load(tensors, Role{}, kLastLayerRole, m_context));
    if (layer < m_layout.lastLayer)
        prefetch(m_spec.layerTensors[static_cast<std::size_t>(layer) + 1]);
    const double groups = static_cast<double>(m_layout.groups.size()), layers = m_layout.lastLayer + 1;
    for (std::size_t group = 0; group < m_layout.groups.size(); ++group) {
        m_context.progress((layer + static_cast<double>(group) / groups) / layers,
                           progressText(layer));
        SINKSCOPE_CHECK(runGroup(layer, m_layout.groups[group]));
    }
    if (m_spec.experts.in(layer) && !stopsInside(layer)) { // they are read once, so all groups go through them together
        SINKSCOPE_CHECK(runExperts(layer));
        for (const SampleGroup& group : m_layout.groups)
            SINKSCOPE_CHECK(delivers(layer) && m_consumer.wantsHidden() ? deliverHidden(layer, group) : Result<void>{});
    }
    m_weights.release();
    return delivers(layer) ? m_consumer.onLayerDone(layer) : Result<void>{};
}

Result<void> ForwardPass::runGroup(int layer, const SampleGroup& group) {
    startGroup(layer, group);
    SINKSCOPE_CHECK(projectVectors(group));
    SINKSCOPE_CHECK(checkFinite(layer, group));
    if (delivers(layer))
        SINKSCOPE_CHECK(deliverVectors(layer, group));
    const bool stops = stopsInside(layer);
    if (!stops || (delivers(layer) && m_consumer.attentionPasses() > 0))
        SINKSCOPE_CHECK(attend(layer, group, !stops));
    if (stops)
        return {};
    SINKSCOPE_CHECK(projectOutput(group));
    if (m_spec.experts.in(layer))
        return checkFinite(layer, group);
    for (std::size_t row = 0; row < group.rows; row += kMlpRows)
        SINKSCOPE_CHECK(runMlp(group, row, std::min(kMlpRows, group.rows - row)));
    SINKSCOPE_CHECK(checkFinite(layer, group));
    return delivers(layer) && m_consumer.wantsHidden() ? deliverHidden(layer, group) : Result<void>{};
}

Result<void> ForwardPass::checkFinite(int layer, const SampleGroup& group) const {
    if (m_finite)
        return {};
    std::string where = "layer " + std::to_string(layer) + ", ";
    if (m_badHead >= 0)
        where += "sample " + std::to_string(m_badHead / m_spec.heads) + ", head " + std::to_string(m_badHead % m_spec.heads) +
                 ": attention is not finite";
    else
        where += "samples " + std::to_string(group.first) + " to " + std::to_string(group.first + group.count - 1) +
                 ": values are not finite";
    return Error{ErrorCode::NotFinite, where, m_spec.checkpoint ? m_spec.checkpoint->opened : std::filesystem::path()};
}

Result<void> ForwardPass::deliverHidden(int layer, const SampleGroup& group) {
    std::size_t row = group.firstRow;
    for (int sample = group.first; sample < group.first + group.count; ++sample) {
        const std::size_t tokens = tokensOf(sample);
        SINKSCOPE_CHECK(m_consumer.onHidden({sample, layer, static_cast<int>(tokens), m_spec.width, {hiddenRow(row), tokens * m_width}}));
        row += tokens;
    }
    return {};
}

Result<void> ForwardPass::deliverVectors(int layer, const SampleGroup& group) {
    std::size_t row = 0;
    for (int sample = group.first; sample < group.first + group.count; ++sample) {
        const std::size_t tokens = tokensOf(sample);
        SINKSCOPE_CHECK(m_consumer.onVectors({sample, layer, static_cast<int>(tokens), m_spec.heads, m_spec.keyValueHeads, m_spec.headWidth,
                                              m_spec.windowOf(layer), !m_spec.headRules.sinks.empty(),
                                              {m_query.data() + row * m_queryWidth, tokens * m_queryWidth},
                                              {m_key.data() + row * m_keyWidth, tokens * m_keyWidth},
                                              {m_value.data() + row * m_keyWidth, tokens * m_keyWidth}}));
        row += tokens;
    }
    return {};
}

Result<void> ForwardPass::attend(int layer, const SampleGroup& group, bool needsOutput) {
    const auto heads = static_cast<std::size_t>(m_spec.heads), share = heads / static_cast<std::size_t>(m_spec.keyValueHeads);
    std::vector<std::size_t> firstRows;
    for (std::size_t row = 0; row < group.rows; row += m_places[row].tokens)
        firstRows.push_back(row);
    TapConsumer* consumer = delivers(layer) ? &m_consumer : nullptr;
    const int passes = consumer ? consumer->attentionPasses() : 0;
    const auto oneHead = [&](std::size_t index, int worker) {
        const std::size_t place = index / heads, head = index % heads, row = firstRows[place], tokens = m_places[row].tokens;
        const std::size_t keyOffset = row * m_keyWidth + head / share * tokens * m_headWidth;
        const HeadInput input{m_query.data() + row * m_queryWidth + head * tokens * m_headWidth, m_key.data() + keyOffset,
                              m_value.data() + keyOffset, group.first + static_cast<int>(place), layer, static_cast<int>(head),
                              static_cast<int>(tokens), m_spec.headWidth,
                              m_spec.headRules.of(m_spec.attentionRule(), layer, static_cast<int>(head), m_spec.heads),
                              m_edits.find(group.first + static_cast<int>(place), layer, static_cast<int>(head))};
        float* out = needsOutput ? m_work.data() + row * m_queryWidth + head * m_headWidth : nullptr;
        if (!m_blocks[static_cast<std::size_t>(worker)].run(input, consumer, passes, out, m_queryWidth, m_context)) {
            m_badHead = input.sample * m_spec.heads + input.head;
            m_finite = false;
        }
    };
    SINKSCOPE_CHECK(m_team.run(firstRows.size() * heads, oneHead, m_context));
    const double visible = m_spec.attentionRule().causal ? 0.5 : 1.0, products = needsOutput ? 4.0 : 2.0;
    for (const std::size_t row : firstRows)
        m_meter->addAttention(visible * products * static_cast<double>(m_places[row].tokens * m_places[row].tokens * m_queryWidth));
    return checkFinite(layer, group);
}

} // namespace sinkscope
