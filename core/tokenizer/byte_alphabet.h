// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <optional>

namespace sinkscope {

/// The printable character that stands for each byte in byte-level vocabularies: printable Latin-1 stands for itself, the other bytes for the
/// characters from U+0100 on, in order (Radford et al. 2019, GPT-2).
const std::array<char32_t, 256>& byteAlphabet();
/// The byte that a character stands for.
std::optional<unsigned char> byteOfCharacter(char32_t character);

} // namespace sinkscope
