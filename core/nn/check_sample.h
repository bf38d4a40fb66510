// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/nn/forward.h"

namespace sinkscope {

/// Whether the model can read a sample; `sample` is its number in messages. Thread: any.
/// Errors: EmptyText, TextTooLong, InvalidArgument (an id or a segment out of range).
Result<void> checkSample(const ModelSpec& spec, const SampleInput& input, std::size_t sample);

} // namespace sinkscope
