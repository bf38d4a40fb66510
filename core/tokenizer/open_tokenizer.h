// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/io/json_reader.h"
#include "core/tokenizer/tokenizer.h"

namespace sinkscope {

/// The tokenizer of a folder: tokenizer.json; without one, a SentencePiece file (tokenizer.model, spiece.model, sentencepiece.bpe.model), vocab.json
/// with merges.txt, or vocab.txt, read as transformers' classes of the same names read them. Errors: TokenizerMissing, TokenizerInvalid,
/// TokenizerUnsupported. Thread: any but gui.
Result<std::shared_ptr<const Tokenizer>> openTokenizer(const std::filesystem::path& folder);

/// The file that `openTokenizer` starts from; empty when there is none.
std::filesystem::path tokenizerFileOf(const std::filesystem::path& folder);

/// The same as Tokenizer::parse from JSON that is parsed already, for tokenizers that are kept elsewhere (as in the metadata of a weight file).
/// `bosPiece`: what is declared as the beginning-of-sequence token, if anything. `file` goes into errors. Errors: TokenizerInvalid,
/// TokenizerUnsupported. Thread: any but gui.
Result<std::shared_ptr<const Tokenizer>> tokenizerFromJson(const Json& description, std::optional<std::string> bosPiece, const std::filesystem::path& file);

} // namespace sinkscope
