// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <string_view>

namespace sinkscope {

/// How a vocabulary spells its pieces: as they are, in the byte alphabet ("Ġ" for a space), or with "▁" for a space and "<0xE2>" for a single byte.
enum class PieceSpelling { Plain, ByteLevel, SentencePiece };

/// A vocabulary piece as a reader should see it: decoded, controls as symbols, and bytes that are no complete UTF-8 as \xNN.
std::string displayTextOf(std::string_view piece, PieceSpelling spelling);

} // namespace sinkscope
