// SPDX-License-Identifier: Apache-2.0
#include "core/nn/attention_block.h"

#include "core/nn/matrix.h"
#include "core/nn/pass_layout.h"

#include <algorithm>
#include <cmath>

namespace sinkscope {
namespace {

/// Causal heads are computed in strips of so many queries, which leaves out most of what nobody can see.
constexpr int kStrip = 64;

MatrixView rowsOf(const float* vectors, int first, int count, int width) {
    const auto columns = static_cast<std::size_t>(width);
    return {vectors + static_cast<std::size_t>(first) * columns, static_cast<std::size_t>(count), columns, columns, 1};
}

} // namespace

bool AttentionBlocks::fill(const HeadInput& head, int first, int queries, int keys, float* out, std::size_t outStride) {
    const std::size_t stride = blockStride(static_cast<std::size_t>(keys));
    const bool causal = head.rule.causal;
    const int strip = causal ? kStrip : queries;
    const auto scale = static_cast<float>(head.rule.scale);
    bool finite = true;
    for (int from = first; from < first + queries; from += strip) {
        const int count = std::min(strip, first + queries - from), seen = causal ? from + count : keys;
        float* rows = m_block.data() + static_cast<std::size_t>(from - first) * stride;
        multiply(rowsOf(head.query, from, count, head.headWidth), rowsOf(head.key, 0, seen, head.headWidth).transposed(), scale, rows,
                 stride);
        for (int query = from; query < from + count; ++query) {
            float* row = rows + static_cast<std::size_t>(query - from) * stride;
            const int begin = head.rule.firstVisible(query), end = head.rule.endVisible(query, keys);
            shapeLogits(row, query, begin, end, head.rule);
            if (head.edits && !head.edits->masked.empty())
                hideKeys(row, query, begin, end, head.edits->masked);
            float* sink = head.rule.sink ? m_sink.data() + (query - first) : nullptr;
            finite &= std::isfinite(softmaxRow(row, begin, end, keys, head.rule, sink));
        }
        if (out)
            multiply({rows, static_cast<std::size_t>(count), static_cast<std::size_t>(seen), stride, 1},
                     rowsOf(head.value, 0, seen, head.headWidth), 1.0f, out + static_cast<std::size_t>(from) * outStride, outStride);
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
    m_block.reserve(static_cast<std::size_t>(block) * blockStride(static_cast<std::size_t>(head.tokens)));
    if (head.rule.sink)
        m_sink.reserve(static_cast<std::size_t>(block));
    bool finite = true;
    for (int pass = 0; pass < std::max(passes, 1); ++pass) {
        for (int first = 0; first < head.tokens && finite && !context.cancelled(); first += block) {
            const int queries = std::min(block, head.tokens - first), keys = head.rule.causal ? first + queries : head.tokens;
            if (pass == 0 || block < head.tokens) // a head of one block is still there
                finite = fill(head, first, queries, keys, pass == 0 ? out : nullptr, stride);
            if (consumer && passes > 0 && finite)
                consumer->onAttention({head.sample, head.layer, head.head, pass, head.tokens, first, queries, keys,
                                       blockStride(static_cast<std::size_t>(keys)), m_block.data(), head.rule.causal, head.rule.window,
                                       head.rule.sink ? m_sink.data() : nullptr});
        }
    }
    return finite;
}

} // namespace sinkscope
