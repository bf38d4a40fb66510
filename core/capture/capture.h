// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/attention/head_attention.h"
#include "core/attention/layer_statistics.h"
#include "core/base/result.h"
#include "core/tokenizer/tokenizer.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace sinkscope {

enum class Space { Query, Key, Value, Hidden };
std::string_view nameOf(Space space); ///< "query", "key", "value", "hidden"

/// A tokenized sample as a capture keeps it. Immutable.
struct SampleTokens {
    std::string text;
    Encoding encoding;
    std::vector<std::string> display; ///< one per token: what a reader should see
    std::string group{};              ///< of the sample set; empty when it has none
};

/// Everything about a capture that is known before the first layer is computed. Immutable.
struct CaptureHeader {
    std::string architecture;   ///< ArchSpec::id
    std::string title;          ///< short name of the model for people (folder name)
    std::string source;         ///< path the model was opened from
    std::string configJson;
    std::string weightSha256;   ///< WeightHash::content of the checkpoint; empty unless somebody had it computed before the run: it reads everything
    std::string weightFingerprint; ///< cheap identity: names, types, shapes and sampled bytes (core/session/weight_fingerprint.h)
    std::string recipeJson;     ///< the options of the run
    std::string positions;      ///< ModelSpec::positionsText
    std::string dtype;          ///< of weights and computation, in words; empty in captures that do not say
    std::string rotary;         ///< core/model/rotary_encoding.h: how query and key were rotated; empty when not, or in captures that do not say
    std::string createdUtc;     ///< ISO 8601
    int layers = 0, heads = 0, keyValueHeads = 0, headWidth = 0, width = 0, vocabulary = 0;
    AttentionRule rule;         ///< of all heads...
    HeadRules headRules;        ///< ...but for what differs between them
    [[nodiscard]] AttentionRule ruleOf(int layer, int head) const { return headRules.of(rule, layer, head, heads); }
    [[nodiscard]] int windowOf(int layer) const { return headRules.windows.empty() ? 0 : headRules.windows[static_cast<std::size_t>(layer)]; }
    bool bosPresent = false;    ///< the first token of the first sample is the tokenizer's BOS (or [CLS])
    std::vector<int> capturedLayers; ///< ascending
    std::vector<std::shared_ptr<const SampleTokens>> samples;
};

/// Vectors of one head (or the hidden state) of one sample.
struct HeadVectors {
    int tokens = 0, width = 0;
    std::vector<float> values; ///< [tokens, width]
};

/// Read access to a capture, finished or still growing, wherever it lives. Thread: any but gui (calls may read a file).
class CaptureSource {
public:
    virtual ~CaptureSource() = default;
    [[nodiscard]] virtual const CaptureHeader& header() const = 0;
    /// True once a layer of a sample is complete.
    [[nodiscard]] virtual bool hasLayer(int sample, int layer) const = 0;
    [[nodiscard]] virtual bool hasSpace(Space space) const = 0;
    [[nodiscard]] virtual Result<std::shared_ptr<const LayerStatistics>> statistics(int sample, int layer) = 0;
    /// Key and value are indexed by key/value head; hidden ignores `head`.
    [[nodiscard]] virtual Result<HeadVectors> vectors(int sample, int layer, Space space, int head) = 0;
    /// Whether `attention` can answer.
    [[nodiscard]] virtual bool hasAttention() const { return hasSpace(Space::Query) && hasSpace(Space::Key); }
    /// Logits and weights of a query head; the standard way recomputes them from the vectors. Errors: those of `vectors`; InvalidArgument,
    /// MemoryExceeded (too many tokens for a matrix).
    [[nodiscard]] virtual Result<std::shared_ptr<const HeadAttention>> attention(int sample, int layer, int head);
};

/// The same as source.attention.
Result<std::shared_ptr<const HeadAttention>> attentionOf(CaptureSource& source, int sample, int layer, int head);

} // namespace sinkscope
