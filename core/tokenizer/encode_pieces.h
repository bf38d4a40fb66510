// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/tokenizer/component_specs.h"

namespace sinkscope {

/// Runs the model over the parts of a text and counts offsets in code points of `original`. Errors: those of the model. Thread: any.
Result<Encoding> encodePieces(const TokenizerModel& model, const PreTokens& pieces, std::string_view original);

} // namespace sinkscope
