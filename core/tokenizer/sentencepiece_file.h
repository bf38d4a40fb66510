// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/tokenizer/tokenizer.h"

namespace sinkscope {

/// A SentencePiece file (Unigram or BPE) and the small files beside it, through the SentencePiece library. What stands around the text, which ids count
/// and which added tokens there are follows transformers' classes: Llama (also Mistral, CodeLlama, Gemma; `legacy` false divides as they do), T5 (with
/// its extra ids) and XLM-RoBERTa (with shifted ids). Offsets are those of the original text. Errors: TokenizerInvalid; TokenizerUnsupported naming
/// another class, or a file that is none of SentencePiece's. Thread: any but gui.
Result<std::shared_ptr<const Tokenizer>> openSentencePiece(const std::filesystem::path& file);

/// The same from bytes; `folder` is where the small files are.
Result<std::shared_ptr<const Tokenizer>> readSentencePiece(std::string_view bytes, const std::filesystem::path& folder, const std::filesystem::path& file);

} // namespace sinkscope
