// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/attention/attention_pyramid.h"
#include "core/capture/capture.h"

namespace sinkscope {

/// Query of a head, and the key that it shares with its group.
struct HeadPair {
    HeadVectors query, key;
};

/// Errors: those of `vectors`; InvalidArgument. Thread: any but gui.
Result<HeadPair> queryAndKeyOf(CaptureSource& source, int sample, int layer, int head);

/// Attention of a head of any length, pooled to the size of a screen (see AttentionPyramid), from its vectors. Thread: any but gui.
/// Errors: those of `vectors`; InvalidArgument; Cancelled.
Result<std::shared_ptr<const AttentionPyramid>> attentionPyramidOf(CaptureSource& source, int sample, int layer, int head, JobContext& context);

} // namespace sinkscope
