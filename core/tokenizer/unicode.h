// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sinkscope {

/// The code point at a byte position of valid UTF-8, and how many bytes it takes.
struct CodePoint {
    char32_t value = 0;
    std::size_t bytes = 0;
};
CodePoint codePointAt(std::string_view utf8, std::size_t at);
void appendUtf8(std::string& out, char32_t codePoint);
std::string utf8Of(char32_t codePoint);
std::size_t utf8Length(char32_t codePoint);
/// Byte position of the first invalid sequence (overlong forms, surrogates and values above U+10FFFF included), or nothing.
std::optional<std::size_t> firstInvalidUtf8(std::string_view text);

/// Major version of Unicode that first assigned a code point; 0 when it is unassigned.
int unicodeVersionOf(char32_t c);
/// The general category by Unicode 16, as a mask of one bit (U_GC_LU_MASK and so on of ICU).
std::uint32_t categoryMask(char32_t c);
/// The Unicode version of the library's normalization tables: characters of later versions neither combine nor decompose.
inline constexpr int kNormalizationVersion = 9;

// Classes as the Hugging Face tokenizers library draws them.
bool isWhiteSpace(char32_t c);           ///< property White_Space
bool isPunctuation(char32_t c);          ///< ASCII punctuation and symbols, or category P
bool isMark(char32_t c);                 ///< category M
bool isNonSpacingMark(char32_t c);       ///< category Mn
bool isNumeric(char32_t c);              ///< category N
bool isControl(char32_t c);              ///< categories Cc, Cf, Cs and Co; unassigned code points are not among them
bool isWordCharacter(char32_t c);        ///< what \w matches in Unicode regular expressions
bool isCjkIdeograph(char32_t c);         ///< the blocks that BERT splits character by character
/// Full lower-case mapping without context: one or two characters.
struct LowerCase {
    char32_t first = 0, second = 0; ///< second is 0 when there is none
};
LowerCase lowerCase(char32_t c);

} // namespace sinkscope
