// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/attention/statistics_builder.h"
#include "core/capture/capture.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <vector>

namespace sinkscope::test {

/// How a KeySource's model looks and what goes wrong in it.
struct KeySourceOptions {
    std::vector<std::string> words;
    int layers = 3, heads = 4, keyValueHeads = 2, width = 16;
    float sink = 3;          ///< how strongly queries look at token 0; 0: no sink
    float outlier = 1;       ///< factor on the vectors of token 0
    bool vectors = true;     ///< kept by the run
    bool broken = false;     ///< vectors hold a NaN
    bool constant = false;   ///< every vector is the same
    int distinct = 0;        ///< so many different vectors come again and again; 0: all differ
    int finishedLayers = 3;
    unsigned seed = 1;       ///< another one is another model
};

/// A capture in memory: every head has random queries and keys with a common direction in which token 0 lies alone. Statistics are computed
/// from them as a run would do it.
class KeySource : public CaptureSource {
public:
    explicit KeySource(KeySourceOptions options) : m_options(std::move(options)) {
        auto tokens = std::make_shared<SampleTokens>();
        for (const std::string& word : m_options.words) {
            tokens->text += word;
            tokens->display.push_back(word);
            tokens->encoding.pieces.push_back(word);
            tokens->encoding.ids.push_back(static_cast<std::int32_t>(tokens->encoding.ids.size()));
            tokens->encoding.offsets.emplace_back(0, 0);
            tokens->encoding.special.push_back(0);
            tokens->encoding.segments.push_back(0);
        }
        m_header.title = "synthetic";
        m_header.layers = m_options.layers;
        m_header.heads = m_options.heads;
        m_header.keyValueHeads = m_options.keyValueHeads;
        m_header.headWidth = m_options.width;
        m_header.width = m_options.width * m_options.heads;
        m_header.rule.scale = 1.0 / std::sqrt(static_cast<double>(m_options.width));
        m_header.samples = {tokens, tokens};
        for (int layer = 0; layer < m_options.layers; ++layer)
            m_header.capturedLayers.push_back(layer);
    }

    [[nodiscard]] const CaptureHeader& header() const override { return m_header; }
    [[nodiscard]] bool hasLayer(int, int layer) const override { return layer < m_options.finishedLayers; }
    [[nodiscard]] bool hasSpace(Space space) const override { return m_options.vectors && space != Space::Hidden; }

    Result<HeadVectors> vectors(int sample, int layer, Space space, int head) override {
        const int tokens = static_cast<int>(m_options.words.size()), width = m_options.width;
        std::mt19937 random(m_options.seed + static_cast<unsigned>(sample * 1000 + layer * 100 + static_cast<int>(space) * 10 + head));
        std::normal_distribution<float> normal(0, 1);
        HeadVectors result{tokens, width, std::vector<float>(static_cast<std::size_t>(tokens) * width)};
        for (int token = 0; token < tokens; ++token) {
            float* row = &result.values[static_cast<std::size_t>(token) * width];
            for (int j = 0; j < width; ++j)
                row[j] = normal(random) / (1 + 0.5F * static_cast<float>(j)) * (space == Space::Query ? 0.5F : 1.0F);
            if (space == Space::Query)
                row[0] += m_options.sink;
            else if (token == 0)
                for (int j = 0; j < width; ++j)
                    row[j] = (j == 0 ? 2 * m_options.sink : 0.1F) * m_options.outlier;
            else
                row[0] -= 0.4F * m_options.sink;
        }
        for (int token = 0; token < tokens; ++token) {
            const int source = m_options.constant ? 0 : m_options.distinct > 0 ? token % m_options.distinct : token;
            std::copy_n(result.values.begin() + static_cast<std::ptrdiff_t>(source) * width, width,
                        result.values.begin() + static_cast<std::ptrdiff_t>(token) * width);
        }
        if (m_options.broken)
            result.values[3] = std::numeric_limits<float>::quiet_NaN();
        return result;
    }

    Result<std::shared_ptr<const LayerStatistics>> statistics(int sample, int layer) override {
        KeySourceOptions sound = m_options;
        sound.broken = false;
        KeySource source(sound);
        const int tokens = static_cast<int>(m_options.words.size());
        std::vector<float> query, key, value;
        const auto append = [&](std::vector<float>& all, Space space, int head) {
            const auto vectors = source.vectors(sample, layer, space, head);
            all.insert(all.end(), vectors->values.begin(), vectors->values.end());
        };
        for (int head = 0; head < m_options.heads; ++head)
            append(query, Space::Query, head);
        for (int head = 0; head < m_options.keyValueHeads; ++head) {
            append(key, Space::Key, head);
            append(value, Space::Value, head);
        }
        StatisticsBuilder builder(sample + 1, true);
        builder.begin({.sample = sample, .layer = layer, .tokens = tokens, .heads = m_options.heads, .keyValueHeads = m_options.keyValueHeads,
                       .headWidth = m_options.width, .query = query, .key = key, .value = value});
        const auto size = static_cast<std::size_t>(tokens) * m_options.width;
        for (int head = 0; head < m_options.heads; ++head) {
            const auto group = static_cast<std::size_t>(head / (m_options.heads / m_options.keyValueHeads));
            const HeadAttention attention = headAttention(std::span(query).subspan(static_cast<std::size_t>(head) * size, size),
                                                          std::span(key).subspan(group * size, size), tokens, m_options.width, m_header.rule);
            for (int pass = 0; pass < 2; ++pass)
                builder.add({.sample = sample, .layer = layer, .head = head, .pass = pass, .tokens = tokens, .firstQuery = 0, .queries = tokens,
                             .keys = tokens, .stride = static_cast<std::size_t>(tokens), .weights = attention.weights.data(), .causal = true});
        }
        const std::vector<float> hidden(static_cast<std::size_t>(tokens), 1.0F);
        return builder.finish({.sample = sample, .layer = layer, .tokens = tokens, .width = 1, .hidden = hidden});
    }

private:
    KeySourceOptions m_options;
    CaptureHeader m_header;
};

/// Words of a sentence, the beginning-of-sequence mark first, repeated to a length.
inline std::vector<std::string> sentence(int tokens) {
    const std::vector<std::string> words{"⟨bos⟩", "The", " force", " on", " a", " charge", " is", " the", " field", " times", " its", " charge",
                                         ",", " and", " the", " work", " done", " along", " a", " closed", " loop", " is", " zero", "."};
    std::vector<std::string> result;
    for (int i = 0; i < tokens; ++i)
        result.push_back(words[static_cast<std::size_t>(i) % words.size()]);
    return result;
}

} // namespace sinkscope::test
