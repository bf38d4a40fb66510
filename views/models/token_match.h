// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/capture/capture.h"

namespace sinkscope {

/// The token of another tokenization of the same text that stands where a token stands: the one whose characters overlap its own first; special
/// tokens without characters match in their order from the nearer end. -1 when the texts differ, or nothing is there. Thread: any.
int matchingToken(const SampleTokens& from, int token, const SampleTokens& to);

} // namespace sinkscope
