// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/capture/capture.h"
#include "support/attention_patterns.h"

#include <map>
#include <utility>

namespace sinkscope::test {

/// A capture in memory whose heads are given attention matrices. Tokens are called t0, t1, ..; the first is special, and the last too
/// when there is no mask, as [CLS] and [SEP] are.
class PatternSource : public CaptureSource {
public:
    PatternSource(int layers, int heads, bool causal) {
        m_header.title = "patterns";
        m_header.architecture = "none";
        m_header.layers = layers;
        m_header.heads = m_header.keyValueHeads = heads;
        m_header.headWidth = 1;
        m_header.width = heads;
        m_header.vocabulary = 1000;
        m_header.rule.causal = causal;
        for (int layer = 0; layer < layers; ++layer)
            m_header.capturedLayers.push_back(layer);
    }

    /// Adds a sample: `weights(layer, head)` gives its matrices, `component(head, token)` the length of its vectors.
    void addSample(int tokens, const std::function<Weights(int layer, int head)>& weights,
                   const std::function<float(int, int)>& component = [](int, int) { return 1.0F; }) {
        const int sample = static_cast<int>(m_header.samples.size());
        SampleTokens text;
        for (int token = 0; token < tokens; ++token) {
            const bool isLast = token == tokens - 1 && !m_header.rule.causal;
            text.encoding.ids.push_back(token);
            text.encoding.pieces.push_back("t" + std::to_string(token));
            text.encoding.offsets.emplace_back(0, 0);
            text.encoding.special.push_back(token == 0 || isLast ? 1 : 0);
            text.display.push_back("t" + std::to_string(token));
        }
        m_header.samples.push_back(std::make_shared<const SampleTokens>(std::move(text)));
        for (int layer = 0; layer < m_header.layers; ++layer) {
            std::vector<Weights> heads;
            for (int head = 0; head < m_header.heads; ++head)
                heads.push_back(weights(layer, head));
            m_statistics[{sample, layer}] = *buildStatistics(heads, 0, component, sample, layer);
            m_weights[{sample, layer}] = std::move(heads);
        }
    }
    /// Puts a wrong number into the matrix of a head; its statistics stay as they were.
    void spoil(int sample, int layer, int head, float value) { m_weights.at({sample, layer})[static_cast<std::size_t>(head)].values.back() = value; }
    void forget(int sample, int layer) { m_statistics.erase({sample, layer}); }

    const CaptureHeader& header() const override { return m_header; }
    bool hasLayer(int sample, int layer) const override { return m_statistics.contains({sample, layer}); }
    bool hasSpace(Space) const override { return false; }
    Result<std::shared_ptr<const LayerStatistics>> statistics(int sample, int layer) override { return m_statistics.at({sample, layer}); }
    Result<HeadVectors> vectors(int, int, Space, int) override { return Error{ErrorCode::InvalidArgument, "no vectors", {}}; }
    bool hasAttention() const override { return true; }
    /// The weights that were given, with their logarithms as logits.
    Result<std::shared_ptr<const HeadAttention>> attention(int sample, int layer, int head) override {
        const Weights& given = m_weights.at({sample, layer})[static_cast<std::size_t>(head)];
        HeadAttention attention{.tokens = given.tokens, .causal = given.causal, .logits = given.values, .weights = given.values};
        for (float& logit : attention.logits)
            logit = std::log(logit);
        return std::make_shared<const HeadAttention>(std::move(attention));
    }

private:
    CaptureHeader m_header;
    std::map<std::pair<int, int>, std::shared_ptr<const LayerStatistics>> m_statistics;
    std::map<std::pair<int, int>, std::vector<Weights>> m_weights; ///< [head]
};

} // namespace sinkscope::test
