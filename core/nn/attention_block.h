// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/attention/head_attention.h"
#include "core/jobs/job_context.h"
#include "core/nn/edit_table.h"
#include "core/nn/float_buffer.h"
#include "core/nn/taps.h"

namespace sinkscope {

/// One head of one sample. The vectors are contiguous: [tokens, headWidth].
struct HeadInput {
    const float* query = nullptr;
    const float* key = nullptr;
    const float* value = nullptr;
    int sample = 0, layer = 0, head = 0, tokens = 0, headWidth = 0;
    AttentionRule rule{};
    const HeadEdits* edits = nullptr; ///< null: none
};

/// Computes the attention of heads one after the other, a block of queries at a time. One per thread.
class AttentionBlocks {
public:
    /// Delivers the weights to `consumer` `passes` times (not at all when it is null), and writes weights times values to
    /// `out`, rows `stride` floats apart, unless that is null. Returns false when a weight is not finite. Stops early when
    /// cancelled.
    bool run(const HeadInput& head, TapConsumer* consumer, int passes, float* out, std::size_t stride, const JobContext& context);

private:
    bool fill(const HeadInput& head, int first, int queries, int keys, float* block, float* out, std::size_t outStride);
    FloatBuffer m_block, m_values, m_sink;
};

} // namespace sinkscope
