// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/attention/statistics_builder.h"
#include "core/capture/capture_store.h"

#include <filesystem>
#include <memory>
#include <random>
#include <string>
#include <vector>

namespace sinkscope::test {

/// A small made-up model and samples of the given lengths.
inline CaptureHeader smallHeader(const std::vector<int>& lengths = {7, 1, 12}, int layers = 3, int heads = 4, int groups = 2,
                                 int headWidth = 5) {
    CaptureHeader header;
    header.architecture = "gpt2";
    header.title = "small";
    header.source = "/models/small";
    header.configJson = R"({"model_type":"gpt2"})";
    header.recipeJson = R"({"bos":"auto"})";
    header.weightFingerprint = "fnv1a64-sampled:0123456789abcdef";
    header.positions = "learned absolute, 64";
    header.dtype = "F16 weights, computed in F32";
    header.createdUtc = "2025-08-04T12:00:00Z";
    header.layers = layers;
    header.heads = heads;
    header.keyValueHeads = groups;
    header.headWidth = headWidth;
    header.width = heads * headWidth;
    header.vocabulary = 50;
    header.rule = {.scale = 0.4, .causal = true};
    header.bosPresent = true;
    for (int layer = 0; layer < layers; ++layer)
        header.capturedLayers.push_back(layer);
    for (const int length : lengths) {
        SampleTokens sample;
        sample.text = "caf\xC3\xA9 " + std::to_string(length);
        if (length % 2 == 0)
            sample.group = "gerade \xC3\xBC";
        for (int token = 0; token < length; ++token) {
            sample.encoding.ids.push_back((token * 7 + length) % 50);
            sample.encoding.pieces.push_back(token == 0 ? "<s>" : "\xC4\xA0t" + std::to_string(token));
            sample.encoding.offsets.emplace_back(token, token + 1);
            sample.encoding.special.push_back(token == 0 ? 1 : 0);
            sample.encoding.segments.push_back(token % 2);
            sample.display.push_back(token == 0 ? "<s>" : " t" + std::to_string(token));
        }
        header.samples.push_back(std::make_shared<const SampleTokens>(std::move(sample)));
    }
    return header;
}

/// What a made-up model computes for one sample's layer: random vectors that depend on the place only.
struct LayerData {
    std::vector<float> query, key, value, hidden;
    std::vector<HeadAttention> attention; ///< [head]
    std::shared_ptr<const LayerStatistics> statistics;
};

inline std::vector<float> randomVector(std::mt19937& random, std::size_t count) {
    std::normal_distribution<float> normal(0.0F, 1.0F);
    std::vector<float> values(count);
    for (float& value : values)
        value = normal(random);
    return values;
}

inline LayerData layerData(const CaptureHeader& header, int sample, int layer) {
    const int tokens = static_cast<int>(header.samples[static_cast<std::size_t>(sample)]->encoding.ids.size());
    const auto perHead = static_cast<std::size_t>(tokens) * static_cast<std::size_t>(header.headWidth);
    std::mt19937 random(static_cast<unsigned>(sample * 1000 + layer));
    LayerData data;
    data.query = randomVector(random, perHead * static_cast<std::size_t>(header.heads));
    data.key = randomVector(random, perHead * static_cast<std::size_t>(header.keyValueHeads));
    data.value = randomVector(random, perHead * static_cast<std::size_t>(header.keyValueHeads));
    data.hidden = randomVector(random, static_cast<std::size_t>(tokens) * static_cast<std::size_t>(header.width));
    StatisticsBuilder builder(sample + 1, header.rule.causal);
    builder.begin({.sample = sample, .layer = layer, .tokens = tokens, .heads = header.heads, .keyValueHeads = header.keyValueHeads,
                   .headWidth = header.headWidth, .window = header.windowOf(layer), .hasSink = !header.headRules.sinks.empty(),
                   .query = data.query, .key = data.key, .value = data.value});
    for (int head = 0; head < header.heads; ++head) {
        const int group = head / (header.heads / header.keyValueHeads);
        data.attention.push_back(headAttention(std::span(data.query).subspan(perHead * static_cast<std::size_t>(head), perHead),
                                               std::span(data.key).subspan(perHead * static_cast<std::size_t>(group), perHead), tokens,
                                               header.headWidth, header.ruleOf(layer, head)));
        for (int pass = 0; pass < 2; ++pass)
            builder.add({.sample = sample, .layer = layer, .head = head, .pass = pass, .tokens = tokens, .firstQuery = 0,
                         .queries = tokens, .keys = tokens, .stride = static_cast<std::size_t>(tokens),
                         .weights = data.attention.back().weights.data(), .causal = header.rule.causal, .window = header.windowOf(layer),
                         .sink = data.attention.back().sink.empty() ? nullptr : data.attention.back().sink.data()});
    }
    data.statistics = *builder.finish({.sample = sample, .layer = layer, .tokens = tokens, .width = header.width, .hidden = data.hidden});
    return data;
}

/// Writes one sample's layer as a run does.
inline Result<void> writeLayer(CaptureStore& store, const KeepOptions& keep, int sample, int layer) {
    const CaptureHeader& header = store.header();
    const LayerData data = layerData(header, sample, layer);
    const int tokens = data.statistics->tokens;
    if (keep.vectors)
        SINKSCOPE_CHECK(store.writeVectors(sample, layer, data.query, data.key, data.value));
    for (int head = 0; keep.attention && head < header.heads; ++head)
        for (int query = 0; query < tokens; ++query)
            SINKSCOPE_CHECK(store.writeAttentionRows(sample, layer, head, query, 1, query + 1, static_cast<std::size_t>(tokens),
                                                     data.attention[static_cast<std::size_t>(head)].weights.data() + query * tokens));
    if (keep.hidden)
        SINKSCOPE_CHECK(store.writeHidden(sample, layer, data.hidden));
    return store.writeStatistics(*data.statistics);
}

inline bool sameStatistics(const LayerStatistics& a, const LayerStatistics& b) {
    return a.sample == b.sample && a.layer == b.layer && a.tokens == b.tokens && a.heads == b.heads &&
           a.keyValueHeads == b.keyValueHeads && a.causal == b.causal && a.window == b.window && a.sinkWeight == b.sinkWeight && a.quantile == b.quantile && a.columnMass == b.columnMass &&
           a.rowEntropy == b.rowEntropy && a.rowArgmax == b.rowArgmax && a.previousWeight == b.previousWeight &&
           a.selfWeight == b.selfWeight && a.threshold == b.threshold && a.hitFrequency == b.hitFrequency &&
           a.queryNorm == b.queryNorm && a.keyNorm == b.keyNorm && a.valueNorm == b.valueNorm && a.hiddenNorm == b.hiddenNorm &&
           a.thumbnail == b.thumbnail;
}

/// A complete capture on the disk.
inline Result<std::shared_ptr<CaptureStore>> writeCapture(const std::filesystem::path& path, const CaptureHeader& header,
                                                          const KeepOptions& keep = {}) {
    SINKSCOPE_TRY(auto store, CaptureStore::create(path, header, keep));
    for (const int layer : header.capturedLayers) {
        for (int sample = 0; sample < static_cast<int>(header.samples.size()); ++sample)
            SINKSCOPE_CHECK(writeLayer(*store, keep, sample, layer));
        SINKSCOPE_CHECK(store->finishLayer(layer));
    }
    SINKSCOPE_CHECK(store->finish());
    return store;
}

} // namespace sinkscope::test
