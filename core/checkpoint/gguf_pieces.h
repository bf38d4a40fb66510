// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sinkscope {

/// What GGUF says a token is for (tokenizer.ggml.token_type).
enum class PieceKind : std::uint8_t { None, Normal, Unknown, Control, UserDefined, Unused, Byte };

/// The vocabulary of a GGUF file, by id.
struct Pieces {
    std::vector<std::string> texts;
    std::vector<PieceKind> kinds;
    std::vector<double> scores; ///< empty unless SentencePiece
};

/// The merges that SentencePiece's scores stand for: every way to put an ordinary piece together from two others, the best piece first,
/// among equals the longer left part. The same order as transformers gives them. Thread: any.
std::vector<std::pair<std::string, std::string>> mergesByScore(const Pieces& pieces);

/// Undoes what converters do to WordPiece: beginnings of words were marked, now continuations are ("##").
void asWordPieces(Pieces& pieces);

/// How words are cut before byte-level merges.
struct BytePattern {
    std::string_view name;        ///< tokenizer.ggml.pre
    std::string_view regex;       ///< empty: GPT-2's
    bool digits = false;          ///< every digit by itself, before GPT-2's pattern
    bool composed = false;        ///< text is brought to NFC first, as the published tokenizers do
    bool ignoresMerges = false;   ///< a word of the vocabulary is taken whole
    bool addsBos = false;         ///< when the file does not say
};
/// The published pattern of a name; nothing for unknown names.
std::optional<BytePattern> bytePattern(std::string_view name);

} // namespace sinkscope
