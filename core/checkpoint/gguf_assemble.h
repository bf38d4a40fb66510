// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/checkpoint/gguf_reader.h"

namespace sinkscope {

/// What a config.json would say of a GGUF file, under the keys of the architecture that `general.architecture` names; of an unknown one,
/// its name alone. `checkpoint` has the tensors. Thread: any.
std::shared_ptr<const Json> ggufConfig(const GgufHeader& header, const Checkpoint& checkpoint);

/// What the mathematics needs and this file does not say, for people: one sentence each, with what is assumed instead. Thread: any.
std::vector<std::string> ggufDoubts(const GgufHeader& header);

/// What a tokenizer.json would say of the tokenizer inside a GGUF file: SentencePiece BPE ("llama"), byte-level BPE ("gpt2"), WordPiece
/// ("bert") or Unigram ("t5"). `file` goes into errors. Errors: TokenizerInvalid; TokenizerUnsupported, naming the kind or the pattern. Thread: any.
Result<TokenizerText> ggufTokenizer(const GgufHeader& header, const std::filesystem::path& file);

} // namespace sinkscope
