// SPDX-License-Identifier: Apache-2.0
#include "core/capture/capture.h"

#include <string>

namespace sinkscope {
namespace {

/// 16,384 tokens are 2 GB of logits and weights: beyond that a picture of one head needs another way than a full matrix.
constexpr int kMaxMatrixTokens = 16384;

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
    const CaptureHeader& header = this->header();
    if (head < 0 || head >= header.heads)
        return Error{ErrorCode::InvalidArgument, "head " + std::to_string(head) + " of " + std::to_string(header.heads), {}};
    const int group = head / (header.heads / header.keyValueHeads); // heads of one group share their keys
    SINKSCOPE_TRY(const HeadVectors query, vectors(sample, layer, Space::Query, head));
    SINKSCOPE_TRY(const HeadVectors key, vectors(sample, layer, Space::Key, group));
    if (query.tokens > kMaxMatrixTokens)
        return Error{ErrorCode::MemoryExceeded,
                     "the attention of " + std::to_string(query.tokens) + " tokens as a matrix; at most " +
                         std::to_string(kMaxMatrixTokens) + " are shown",
                     {}};
    return std::make_shared<const HeadAttention>(headAttention(query.values, key.values, query.tokens, query.width, header.ruleOf(layer, head)));
}

} // namespace sinkscope
