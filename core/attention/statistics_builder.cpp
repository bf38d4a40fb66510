// SPDX-License-Identifier: Apache-2.0
#include "core/attention/statistics_builder.h"

#include "core/attention/statistics_kernels.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

namespace sinkscope {
namespace {

/// Rows summed in float before they are added to the total: keeps the rounding of long columns near that of a pairwise sum.
constexpr int kRowsPerPartialSum = 64;
/// Relative slack of the detector's comparisons, for weights that differ only by the rounding of a softmax.
constexpr float kRoundingSlack = 1e-5F;

WeightBlock blockOf(const AttentionTap& tap) {
    return {.weights = tap.weights, .stride = tap.stride, .firstQuery = tap.firstQuery, .queries = tap.queries,
            .keys = tap.keys, .causal = tap.causal, .window = tap.window};
}

/// Maxima of `rowMaxima` [tokens] over the columns of each of `cells` equal parts, raised into `target` [cells].
void poolInto(std::span<float> target, std::span<const float> rowMaxima) {
    const auto cells = target.size();
    const auto tokens = rowMaxima.size();
    for (std::size_t j = 0; j < tokens; ++j)
        target[j * cells / tokens] = std::max(target[j * cells / tokens], rowMaxima[j]);
}

bool allFinite(std::span<const float> values) {
    return std::ranges::all_of(values, [](float value) { return std::isfinite(value); });
}

/// The learned sink's share of the row: its weight, and its term of the entropy.
void addSink(LayerStatistics& statistics, std::size_t at, float weight) {
    statistics.sinkWeight[at] = weight;
    statistics.rowEntropy[at] -= weight > 0 ? weight * std::log(weight) : 0.0F;
}

Error notFinite(const LayerStatistics& statistics, const std::string& what) {
    return {ErrorCode::NotFinite,
            "layer " + std::to_string(statistics.layer) + ", sample " + std::to_string(statistics.sample) + ": " + what +
                " NaN or infinity",
            {}};
}

} // namespace

struct StatisticsBuilder::Slot {
    LayerStatistics statistics;
    std::vector<std::unique_ptr<QuantileSketch>> sketches; ///< [head], only while a head arrives in several blocks

    [[nodiscard]] std::span<float> ofHead(std::vector<float>& values, int head) const {
        const auto tokens = static_cast<std::size_t>(statistics.tokens);
        return std::span(values).subspan(static_cast<std::size_t>(head) * tokens, tokens);
    }
};

StatisticsBuilder::StatisticsBuilder(int samples, bool causal, double quantile)
    : m_slots(static_cast<std::size_t>(samples)), m_causal(causal), m_quantile(quantile) {}

StatisticsBuilder::~StatisticsBuilder() = default;

std::size_t StatisticsBuilder::bytesPerSample(int tokens, int heads, int keyValueHeads) {
    const auto perToken = static_cast<std::size_t>(heads) * 8 + static_cast<std::size_t>(keyValueHeads) * 2 + 1;
    const auto side = static_cast<std::size_t>(std::min(tokens, kThumbnailSize));
    return sizeof(float) * (perToken * static_cast<std::size_t>(tokens) + static_cast<std::size_t>(heads) * (side * side + 1));
}

void StatisticsBuilder::begin(const VectorsTap& vectors) {
    auto slot = std::make_unique<Slot>();
    LayerStatistics& s = slot->statistics;
    s.sample = vectors.sample;
    s.layer = vectors.layer;
    s.tokens = vectors.tokens;
    s.heads = vectors.heads;
    s.keyValueHeads = vectors.keyValueHeads;
    s.causal = m_causal;
    s.window = vectors.window;
    if (vectors.hasSink)
        s.sinkWeight.assign(static_cast<std::size_t>(s.heads) * static_cast<std::size_t>(s.tokens), 0.0F);
    s.quantile = m_quantile;
    const auto tokens = static_cast<std::size_t>(s.tokens);
    const auto heads = static_cast<std::size_t>(s.heads);
    const auto groups = static_cast<std::size_t>(s.keyValueHeads);
    const auto side = std::min(tokens, static_cast<std::size_t>(kThumbnailSize));
    for (auto* values : {&s.columnMass, &s.rowEntropy, &s.previousWeight, &s.selfWeight, &s.hitFrequency, &s.queryNorm})
        values->assign(heads * tokens, 0.0F);
    s.rowArgmax.assign(heads * tokens, 0);
    s.threshold.assign(heads, 0.0F);
    s.thumbnail.assign(heads * side * side, 0.0F);
    s.keyNorm.assign(groups * tokens, 0.0F);
    s.valueNorm.assign(groups * tokens, 0.0F);
    slot->sketches.resize(heads);
    rowNorms(vectors.query, vectors.headWidth, s.queryNorm);
    rowNorms(vectors.key, vectors.headWidth, s.keyNorm);
    rowNorms(vectors.value, vectors.headWidth, s.valueNorm);
    m_slots[static_cast<std::size_t>(vectors.sample)] = std::move(slot);
}

void StatisticsBuilder::add(const AttentionTap& block) {
    Slot& slot = *m_slots[static_cast<std::size_t>(block.sample)];
    if (block.pass == 0)
        addFirstPass(slot, block);
    else
        addSecondPass(slot, block);
}

void StatisticsBuilder::addFirstPass(Slot& slot, const AttentionTap& tap) const {
    LayerStatistics& s = slot.statistics;
    const WeightBlock block = blockOf(tap);
    const int end = tap.firstQuery + tap.queries;
    const bool whole = tap.firstQuery == 0 && end == tap.tokens;
    const int firstCounted = tap.causal ? 1 : 0; // query 0 of a causal head has no choice
    auto& sketch = slot.sketches[static_cast<std::size_t>(tap.head)];
    if (!whole && tap.firstQuery == 0)
        sketch = std::make_unique<QuantileSketch>();

    const auto side = static_cast<std::size_t>(std::min(tap.tokens, kThumbnailSize));
    const std::span<float> thumbnail = std::span(s.thumbnail).subspan(static_cast<std::size_t>(tap.head) * side * side, side * side);
    const std::span<float> mass = slot.ofHead(s.columnMass, tap.head);
    const std::size_t head = static_cast<std::size_t>(tap.head) * static_cast<std::size_t>(tap.tokens);
    std::vector<float> partial(mass.size(), 0.0F);
    std::vector<float> maxima(mass.size(), 0.0F);
    const auto cellOf = [&](int query) { return static_cast<std::size_t>(query) * side / static_cast<std::size_t>(tap.tokens); };
    int summed = 0;
    for (int query = tap.firstQuery; query < end; ++query) {
        const float* row = block.row(query);
        const int first = block.first(query), visible = block.end(query) - first;
        const RowSummary summary = summarizeRow(row + first, visible, partial.data() + first, maxima.data() + first);
        const std::size_t at = head + static_cast<std::size_t>(query);
        s.rowEntropy[at] = std::max(summary.entropy, 0.0F); // a weight of 1 + 1 ulp gives less than 0
        s.rowArgmax[at] = first + summary.argmax;
        if (tap.sink)
            addSink(s, at, tap.sink[query - tap.firstQuery]);
        s.previousWeight[at] = query > 0 ? row[query - 1] : 0.0F;
        s.selfWeight[at] = row[query];
        if (sketch && query >= firstCounted)
            sketch->add(row + first, visible);
        if (++summed == kRowsPerPartialSum || query + 1 == end) {
            std::ranges::transform(mass, partial, mass.begin(), std::plus<>());
            std::ranges::fill(partial, 0.0F);
            summed = 0;
        }
        if (query + 1 == end || cellOf(query + 1) != cellOf(query)) {
            poolInto(thumbnail.subspan(cellOf(query) * side, side), maxima);
            std::ranges::fill(maxima, 0.0F);
        }
    }
    if (end != tap.tokens)
        return;
    s.threshold[static_cast<std::size_t>(tap.head)] =
        whole ? exactQuantile(block, firstCounted, m_quantile) : sketch->quantile(m_quantile);
    sketch.reset();
}

void StatisticsBuilder::addSecondPass(Slot& slot, const AttentionTap& tap) const {
    LayerStatistics& s = slot.statistics;
    const WeightBlock block = blockOf(tap);
    const int end = tap.firstQuery + tap.queries;
    const int firstCounted = tap.causal ? 1 : 0;
    const float enough = std::min(s.threshold[static_cast<std::size_t>(tap.head)], kHitCeiling) * (1.0F - kRoundingSlack);
    const std::span<float> counts = slot.ofHead(s.hitFrequency, tap.head);
    for (int query = std::max(tap.firstQuery, firstCounted); query < end; ++query) {
        const int first = block.first(query), visible = block.end(query) - first;
        const float chance = std::nextafter((1.0F + kRoundingSlack) / static_cast<float>(visible), 2.0F);
        countHits(block.row(query) + first, visible, std::max(enough, chance), counts.data() + first);
    }
    if (end != tap.tokens)
        return;
    for (int key = 0; key < tap.tokens; ++key) {
        const int queries = s.eligible(key) - (tap.causal && key == 0 ? 1 : 0); // query 0 has no choice
        float& count = counts[static_cast<std::size_t>(key)];
        count = queries > 0 ? count / static_cast<float>(queries) : 0.0F;
    }
}

Result<std::shared_ptr<const LayerStatistics>> StatisticsBuilder::finish(const HiddenTap& hidden) {
    auto slot = std::move(m_slots[static_cast<std::size_t>(hidden.sample)]);
    SINKSCOPE_ASSERT(slot && slot->statistics.layer == hidden.layer);
    LayerStatistics& s = slot->statistics;
    s.hiddenNorm.resize(static_cast<std::size_t>(s.tokens));
    rowNorms(hidden.hidden, hidden.width, s.hiddenNorm);
    for (int head = 0; head < s.heads; ++head)
        if (!allFinite(s.ofHead(s.columnMass, head)) || !allFinite(s.ofHead(s.rowEntropy, head)))
            return notFinite(s, "head " + std::to_string(head) + ": attention weights hold");
    if (!allFinite(s.queryNorm) || !allFinite(s.keyNorm) || !allFinite(s.valueNorm))
        return notFinite(s, "query, key or value vectors hold");
    if (!allFinite(s.hiddenNorm))
        return notFinite(s, "the hidden state holds");
    return std::make_shared<const LayerStatistics>(std::move(s));
}

} // namespace sinkscope
