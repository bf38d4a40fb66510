// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/nn/taps.h"

#include <algorithm>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace sinkscope::test {

/// Keeps everything that a forward pass delivers, under "<sample>.<what>", layers one after the other.
class RecordingConsumer : public TapConsumer {
public:
    int passes = 1;
    bool logits = true, hidden = true;
    std::map<std::string, std::vector<float>> kept;
    std::vector<int> layersDone;
    std::vector<std::string> complaints; ///< broken promises of the taps

    [[nodiscard]] int attentionPasses() const override { return passes; }
    [[nodiscard]] bool wantsLogits() const override { return logits; }
    [[nodiscard]] bool wantsHidden() const override { return hidden; }
    Result<void> onVectors(const VectorsTap& tap) override {
        append(tap.sample, "query", tap.query);
        append(tap.sample, "key", tap.key);
        append(tap.sample, "value", tap.value);
        return {};
    }
    void onAttention(const AttentionTap& tap) override {
        const std::lock_guard lock(*m_mutex);
        const std::pair key{std::pair{tap.sample, tap.layer}, std::pair{tap.head, tap.pass}};
        auto& matrix = m_attention[key];
        const auto tokens = static_cast<std::size_t>(tap.tokens);
        matrix.resize(tokens * tokens);
        int& next = m_next[key];
        if (tap.firstQuery != next)
            complaints.push_back("sample " + std::to_string(tap.sample) + " head " + std::to_string(tap.head) + ": block starts at query " + std::to_string(tap.firstQuery) + ", not " + std::to_string(next));
        next = tap.firstQuery + tap.queries;
        for (int row = 0; row < tap.queries; ++row)
            std::copy_n(tap.weights + static_cast<std::size_t>(row) * tap.stride, tap.keys,
                        matrix.data() + static_cast<std::size_t>(tap.firstQuery + row) * tokens);
    }
    Result<void> onHidden(const HiddenTap& tap) override { return append(tap.sample, "hidden", tap.hidden), Result<void>{}; }
    Result<void> onLogits(const LogitsTap& tap) override { return append(tap.sample, "logits", tap.logits), Result<void>{}; }
    Result<void> onLayerDone(int layer) override { return layersDone.push_back(layer), Result<void>{}; }

    /// Puts the attention of a pass into `kept` as "<sample>.attention", [layers, heads, tokens, tokens].
    void collectAttention(int pass = 0) {
        for (const auto& [key, matrix] : m_attention)
            if (key.second.second == pass)
                append(key.first.first, "attention", matrix);
    }

private:
    void append(int sample, const char* what, std::span<const float> values) {
        auto& all = kept[std::to_string(sample) + "." + what];
        all.insert(all.end(), values.begin(), values.end());
    }
    std::unique_ptr<std::mutex> m_mutex = std::make_unique<std::mutex>(); // so that it can be moved
    std::map<std::pair<std::pair<int, int>, std::pair<int, int>>, std::vector<float>> m_attention;
    std::map<std::pair<std::pair<int, int>, std::pair<int, int>>, int> m_next;
};

} // namespace sinkscope::test
