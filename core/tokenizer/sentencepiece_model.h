// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/tokenizer/component_specs.h"

namespace sinkscope {

/// How a family of tokenizers uses a SentencePiece file.
struct SentencePieceUse {
    bool legacy = true;   ///< every part of a text gets the space in front that the file asks for; otherwise none does
    bool shifted = false; ///< XLM-RoBERTa's ids: <s>, <pad>, </s> and <unk> are 0 to 3, the others one higher than in the file, <mask> follows the last
};

/// A model that runs the SentencePiece library over each part of a text. The file is checked before the library sees it, because that follows offsets
/// inside without looking. Errors: TokenizerInvalid; TokenizerUnsupported (neither Unigram nor BPE). Thread: any.
Result<std::unique_ptr<const TokenizerModel>> makeSentencePieceModel(std::string_view bytes, SentencePieceUse use);

} // namespace sinkscope
