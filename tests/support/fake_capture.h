// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/attention/statistics_builder.h"
#include "core/capture/capture.h"

#include <cmath>
#include <memory>
#include <random>
#include <string>
#include <vector>

namespace sinkscope::test {

struct FakeCaptureOptions {
    int layers = 4, heads = 4, keyValueHeads = 2, headWidth = 16;
    bool causal = true;
    int samples = 2;
    std::vector<std::string> words{}; ///< of every sample; empty: the standard sentence
    std::vector<std::string> groups{}; ///< of the samples, repeated; empty: none has one
};

/// 24 tokens with what makes token lists hard: a special token, pieces of one word, long ones, other scripts, white space, line ends.
inline std::vector<std::string> standardWords() {
    return {"<|bos|>", "The", " force", " on", " a", " charge", " is", " the", " field", " times", " its", " charge",
            ",", "\n", " naïve", " 電荷", " заряд", " שדה", " pneumonoultramicroscopicsilicovolcanoconiosis", "  ", " done", "ing", " zero", "."};
}

/// A capture in memory whose heads differ: the sink at token 0 grows with the layer, and every fourth head looks at the previous token.
/// Statistics come from the same builder as in a real run.
class FakeCapture : public CaptureSource {
public:
    explicit FakeCapture(FakeCaptureOptions options = {}) : m_options(std::move(options)) {
        if (m_options.words.empty())
            m_options.words = standardWords();
        m_header.architecture = "gpt2";
        m_header.title = "synthetic-4x4";
        m_header.source = "/models/synthetic-4x4";
        m_header.configJson = "{}";
        m_header.recipeJson = "{}";
        m_header.positions = "learned absolute, 1024";
        m_header.createdUtc = "2025-08-04T12:00:00Z";
        m_header.layers = m_options.layers;
        m_header.heads = m_options.heads;
        m_header.keyValueHeads = m_options.keyValueHeads;
        m_header.headWidth = m_options.headWidth;
        m_header.width = m_options.headWidth * m_options.heads;
        m_header.vocabulary = 50304;
        m_header.rule = {.scale = 1.0 / std::sqrt(static_cast<double>(m_options.headWidth)), .causal = m_options.causal};
        m_header.bosPresent = true;
        for (int layer = 0; layer < m_options.layers; ++layer)
            m_header.capturedLayers.push_back(layer);
        for (int sample = 0; sample < m_options.samples; ++sample)
            m_header.samples.push_back(sampleOf(m_options.words, m_options.groups.empty() ? "" : m_options.groups[static_cast<std::size_t>(sample) % m_options.groups.size()]));
    }

    [[nodiscard]] const CaptureHeader& header() const override { return m_header; }
    [[nodiscard]] bool hasLayer(int sample, int layer) const override {
        return sample >= 0 && sample < m_options.samples && layer >= 0 && layer < m_options.layers;
    }
    [[nodiscard]] bool hasSpace(Space space) const override { return space != Space::Hidden; }

    Result<HeadVectors> vectors(int sample, int layer, Space space, int head) override {
        if (!hasLayer(sample, layer) || !hasSpace(space))
            return Error{ErrorCode::InvalidArgument, "no such vectors", {}};
        const int tokens = static_cast<int>(m_options.words.size()), width = m_options.headWidth;
        std::mt19937 random(static_cast<unsigned>(1 + sample * 7919 + layer * 613 + static_cast<int>(space) * 97 + head));
        std::normal_distribution<float> normal(0.0F, 1.0F);
        HeadVectors result{tokens, width, std::vector<float>(static_cast<std::size_t>(tokens) * static_cast<std::size_t>(width))};
        for (float& value : result.values)
            value = normal(random);
        for (int token = 0; token < tokens; ++token)
            shape(&result.values[static_cast<std::size_t>(token) * static_cast<std::size_t>(width)], token, layer, space, head);
        return result;
    }

    Result<std::shared_ptr<const LayerStatistics>> statistics(int sample, int layer) override {
        const int tokens = static_cast<int>(m_options.words.size()), width = m_options.headWidth;
        std::vector<float> query, key, value;
        const auto append = [&](std::vector<float>& all, Space space, int count) -> Result<void> {
            for (int head = 0; head < count; ++head) {
                SINKSCOPE_TRY(const HeadVectors one, vectors(sample, layer, space, head));
                all.insert(all.end(), one.values.begin(), one.values.end());
            }
            return {};
        };
        SINKSCOPE_CHECK(append(query, Space::Query, m_options.heads));
        SINKSCOPE_CHECK(append(key, Space::Key, m_options.keyValueHeads));
        SINKSCOPE_CHECK(append(value, Space::Value, m_options.keyValueHeads));
        StatisticsBuilder builder(m_options.samples, m_options.causal);
        builder.begin({.sample = sample, .layer = layer, .tokens = tokens, .heads = m_options.heads, .keyValueHeads = m_options.keyValueHeads,
                       .headWidth = width, .query = query, .key = key, .value = value});
        for (int head = 0; head < m_options.heads; ++head) {
            const auto attention = attentionOf(*this, sample, layer, head);
            if (!attention)
                return attention.error();
            for (int pass = 0; pass < 2; ++pass)
                builder.add({.sample = sample, .layer = layer, .head = head, .pass = pass, .tokens = tokens, .firstQuery = 0, .queries = tokens,
                             .keys = tokens, .stride = static_cast<std::size_t>(tokens), .weights = (*attention)->weights.data(),
                             .causal = m_options.causal});
        }
        const std::vector<float> hidden(static_cast<std::size_t>(tokens), 2.0F);
        return builder.finish({.sample = sample, .layer = layer, .tokens = tokens, .width = 1, .hidden = hidden});
    }

private:
    static std::shared_ptr<const SampleTokens> sampleOf(const std::vector<std::string>& words, const std::string& group) {
        auto tokens = std::make_shared<SampleTokens>();
        tokens->group = group;
        for (const std::string& word : words) {
            const auto id = static_cast<std::int32_t>(tokens->display.size());
            if (id > 0)
                tokens->text += word;
            tokens->display.push_back(word);
            tokens->encoding.ids.push_back(1000 + id);
            tokens->encoding.pieces.push_back(word.starts_with(' ') ? "Ġ" + word.substr(1) : word);
            tokens->encoding.offsets.emplace_back(0, 0);
            tokens->encoding.special.push_back(id == 0 ? 1 : 0);
            tokens->encoding.segments.push_back(0);
        }
        return tokens;
    }

    /// Component 0 carries the sink, 1 to 8 the position; the rest stays noise.
    void shape(float* row, int token, int layer, Space space, int head) const {
        if (space == Space::Value) {
            for (int j = 0; token == 0 && j < m_options.headWidth; ++j)
                row[j] *= 0.1F; // values of sinks are small in trained models
            return;
        }
        const float scale = std::sqrt(static_cast<float>(m_options.headWidth));
        const bool isPrevious = head % 4 == 3;
        const float sink = isPrevious ? 0.5F : 0.6F + 1.6F * static_cast<float>(layer) + 0.5F * static_cast<float>(head % 3);
        row[0] = space == Space::Query ? std::sqrt(sink) * scale : token == 0 ? std::sqrt(sink) : 0.0F;
        for (int frequency = 0; frequency < 4 && 2 + 2 * frequency < m_options.headWidth; ++frequency) {
            const float angle = static_cast<float>(space == Space::Query ? token - 1 : token) * (0.2F + 0.45F * static_cast<float>(frequency));
            const float strength = space == Space::Query ? (isPrevious ? 2.2F * scale : 0.25F * scale) : 1.0F;
            row[1 + 2 * frequency] = strength * std::cos(angle);
            row[2 + 2 * frequency] = strength * std::sin(angle);
        }
    }

    FakeCaptureOptions m_options;
    CaptureHeader m_header;
};

} // namespace sinkscope::test
