// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"
#include "core/tokenizer/side_files.h"

namespace sinkscope {

/// What a tokenizer.json would say of older files. Supported: the classes of GPT-2 and CodeGen (byte-level BPE), Qwen2 (with its pattern) and RoBERTa,
/// Longformer and BART (with <s> and </s>) for vocab.json with merges.txt; those of BERT for vocab.txt. The BOS piece comes with it.
/// Errors: TokenizerInvalid; TokenizerUnsupported naming another class. Thread: any.
struct DescribedTokenizer {
    Json description;
    std::optional<std::string> bosPiece;
};
Result<DescribedTokenizer> describeVocabularyAndMerges(const std::filesystem::path& folder);
Result<DescribedTokenizer> describeWordPieces(const std::filesystem::path& folder);

} // namespace sinkscope
