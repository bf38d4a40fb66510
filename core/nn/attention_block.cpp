// SPDX-License-Identifier: Apache-2.0
#include "core/nn/attention_block.h"

#include "core/nn/matrix.h"
#include "core/nn/pass_layout.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace sinkscope {
namespace {

/// Heads whose queries do not see every key are computed in strips of so many queries, which leaves out most of what nobody can see...
constexpr int kStrip = 64;
/// ... and from this query on their logits in strips twice as tall: laying the keys out for a product takes longer than what is then left out.
constexpr int kFarQuery = 256;

MatrixView rowsOf(const float* vectors, int first, int count, int width) {
    const auto columns = static_cast<std::size_t>(width);
    return {vectors + static_cast<std::size_t>(first) * columns, static_cast<std::size_t>(count), columns, columns, 1};
}

} // namespace

bool AttentionBlocks::fill(const HeadInput& head, int first, int queries, int keys, float* block, float* out, std::size_t outStride) {
    const std::size_t stride = blockStride(static_cast<std::size_t>(keys));
    const bool seesAll = !head.rule.causal && head.rule.window == 0;
    // The keys that a strip of queries sees between them, the first one at the start of a vector.
    const auto seen = [&](int query, int count) {
        return std::pair{head.rule.firstVisible(query) / 16 * 16, head.rule.endVisible(query + count - 1, keys)};
    };
    bool finite = true;
    for (int from = first, count = 0; from < first + queries; from += count) {
        count = std::min(seesAll ? queries : from < kFarQuery ? kStrip : 2 * kStrip, first + queries - from);
        float* rows = block + static_cast<std::size_t>(from - first) * stride;
        const auto [seenFirst, seenEnd] = seen(from, count);
        multiply(rowsOf(head.query, from, count, head.headWidth), rowsOf(head.key, seenFirst, seenEnd - seenFirst, head.headWidth).transposed(),
                 static_cast<float>(head.rule.scale), rows + seenFirst, stride);
        for (int query = from; query < from + count; ++query) {
            float* row = rows + static_cast<std::size_t>(query - from) * stride;
            const int begin = head.rule.firstVisible(query), end = head.rule.endVisible(query, keys);
            shapeLogits(row, query, begin, end, head.rule);
            if (head.edits && !head.edits->masked.empty())
                hideKeys(row, query, begin, end, head.edits->masked);
            finite &= std::isfinite(softmaxRow(row, begin, end, keys, head.rule, head.rule.sink ? m_sink.data() + query : nullptr));
        }
        const int part = seesAll ? count : kStrip;
        for (int row = 0; out && row < count; row += part) {
            const int height = std::min(part, count - row);
            const auto [begin, end] = seen(from + row, height);
            const MatrixView weights{rows + static_cast<std::size_t>(row) * stride + begin, static_cast<std::size_t>(height),
                                     static_cast<std::size_t>(end - begin), stride, 1};
            multiply(weights, rowsOf(head.value, begin, end - begin, head.headWidth), 1.0f, out + static_cast<std::size_t>(from + row) * outStride, outStride);
        }
    }
    return finite;
}

bool AttentionBlocks::run(const HeadInput& intact, TapConsumer* consumer, int passes, float* out, std::size_t stride,
                          const JobContext& context) {
    HeadInput head = intact;
    if (head.edits && head.edits->changesValues() && out) {
        float* values = m_values.reserve(static_cast<std::size_t>(head.tokens) * static_cast<std::size_t>(head.headWidth));
        editValues(intact.value, head.tokens, head.headWidth, *head.edits, values);
        head.value = values;
    }
    const int block = static_cast<int>(blockQueries(static_cast<std::size_t>(head.tokens)));
    const auto [room, keeps] = headRoom(static_cast<std::size_t>(head.tokens), head.rule.causal, passes);
    m_block.reserve(room);
    if (head.rule.sink)
        m_sink.reserve(static_cast<std::size_t>(head.tokens));
    bool finite = true;
    for (int pass = 0; pass < std::max(passes, 1); ++pass) {
        float* weights = m_block.data();
        for (int first = 0; first < head.tokens && finite && !context.cancelled(); first += block) {
            const int queries = std::min(block, head.tokens - first), keys = head.rule.causal ? first + queries : head.tokens;
            if (pass == 0 || !keeps)
                finite = fill(head, first, queries, keys, weights, pass == 0 ? out : nullptr, stride);
            const std::size_t rowStride = blockStride(static_cast<std::size_t>(keys));
            if (consumer && passes > 0 && finite)
                consumer->onAttention({head.sample, head.layer, head.head, pass, head.tokens, first, queries, keys, rowStride, weights,
                                       head.rule.causal, head.rule.window, head.rule.sink ? m_sink.data() + first : nullptr});
            if (keeps)
                weights += static_cast<std::size_t>(queries) * rowStride;
        }
    }
    return finite;
}

} // namespace sinkscope
