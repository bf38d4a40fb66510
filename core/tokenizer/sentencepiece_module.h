// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/tokenizer/sentencepiece_model.h"

namespace sinkscope {

/// What libsinkscope_sentencepiece.so offers. The SentencePiece library has a Protocol Buffers of its own inside, whose symbols libtorch
/// would find in place of those of another version: it is loaded apart, when a tokenizer first needs it.
struct SentencePieceModule {
    std::string_view version; ///< of the program that it was built with
    Result<std::unique_ptr<const TokenizerModel>> (*make)(std::string_view bytes, SentencePieceUse use, int kind); ///< of a checked file
};
inline constexpr const char* kSentencePieceEntry = "sinkscopeSentencePieceModule"; ///< the function that returns one

} // namespace sinkscope
