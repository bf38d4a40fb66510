// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <string_view>

namespace sinkscope {

/// A vocabulary piece as a reader should see it: byte-level pieces decoded, the SentencePiece space as a space, controls as symbols, and
/// bytes that are no complete UTF-8 as \xNN.
std::string displayTextOf(std::string_view piece, bool byteLevel);

} // namespace sinkscope
