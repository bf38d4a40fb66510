// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"

#include <string_view>

namespace sinkscope {

/// What must hold of a SentencePiece file (a protocol buffer "ModelProto") before the library may read it: sizes below the caps, a well-formed
/// character map, pieces that are text with finite scores, a Unigram (1) or BPE (2) model. Returns the kind. Errors: TokenizerInvalid,
/// TokenizerUnsupported. Thread: any.
Result<int> checkSentencePiece(std::string_view bytes);

} // namespace sinkscope
