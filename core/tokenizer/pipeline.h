// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/tokenizer/added_tokens.h"
#include "core/tokenizer/component_specs.h"

#include <memory>
#include <optional>
#include <string>

namespace sinkscope {

/// Everything that a tokenizer is made of. Only the model must be there.
struct TokenizerParts {
    std::unique_ptr<const Normalizer> normalizer;
    std::unique_ptr<const PreTokenizer> preTokenizer;
    std::unique_ptr<const TokenizerModel> model;
    std::unique_ptr<const PostProcessor> postProcessor;
    AddedTokens added;
    bool byteLevel = false;              ///< pieces are spelled in the byte alphabet
    std::optional<std::string> bosPiece; ///< as declared beside the tokenizer
};

/// The tokenizer that runs them in the order of the tokenizers library. Thread: any.
std::shared_ptr<const Tokenizer> makePipeline(TokenizerParts parts);

} // namespace sinkscope
