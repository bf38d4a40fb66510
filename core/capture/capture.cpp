// SPDX-License-Identifier: Apache-2.0
#include "core/capture/capture.h"

#include "core/capture/head_pyramid.h"

#include <string>

namespace sinkscope {
namespace {

/// 8,192 tokens are 0.5 GB of logits and weights: whatever wants more at once than a few panels together can hold needs another way.
constexpr std::size_t kMaxMatrixTokens = 8192;

} // namespace

std::string_view nameOf(Space space) {
    switch (space) {
    case Space::Query:
        return "query";
    case Space::Key:
        return "key";
    case Space::Value:
        return "value";
    default:
        return "hidden";
    }
}

Result<std::shared_ptr<const HeadAttention>> attentionOf(CaptureSource& source, int sample, int layer, int head) {
    return source.attention(sample, layer, head);
}

Result<std::shared_ptr<const HeadAttention>> CaptureSource::attention(int sample, int layer, int head) {
    const auto& samples = header().samples;
    if (sample >= 0 && sample < static_cast<int>(samples.size()) && samples[static_cast<std::size_t>(sample)]->encoding.ids.size() > kMaxMatrixTokens)
        return Error{ErrorCode::MemoryExceeded,
                     "the attention of " + std::to_string(samples[static_cast<std::size_t>(sample)]->encoding.ids.size()) + " tokens as a matrix; at most " +
                         std::to_string(kMaxMatrixTokens) + " are taken, only the heat map shows longer ones",
                     {}};
    SINKSCOPE_TRY(const HeadPair pair, queryAndKeyOf(*this, sample, layer, head));
    return std::make_shared<const HeadAttention>(
        headAttention(pair.query.values, pair.key.values, pair.query.tokens, pair.query.width, header().ruleOf(layer, head)));
}

} // namespace sinkscope
