// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/tokenizer/normalized_text.h"

namespace sinkscope {

/// Replaces every byte by the character that stands for it; all characters of a code point keep its origin.
void toByteLevel(NormalizedText& text);

} // namespace sinkscope
