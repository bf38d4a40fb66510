// SPDX-License-Identifier: Apache-2.0
#include "core/tokenizer/unicode.h"

#include "core/tokenizer/newer_unicode.h"

#include <unicode/uchar.h>

#include <algorithm>
#include <array>

namespace sinkscope {
namespace {

bool isContinuation(std::string_view text, std::size_t at) {
    return at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80U;
}

/// Length that a lead byte announces; 0 for a byte that cannot lead.
std::size_t announcedLength(unsigned char lead) {
    if (lead < 0x80)
        return 1;
    if (lead >= 0xC2 && lead < 0xE0)
        return 2;
    if (lead >= 0xE0 && lead < 0xF0)
        return 3;
    return lead >= 0xF0 && lead < 0xF5 ? 4 : 0;
}

bool hasCategory(char32_t c, std::uint32_t mask) { return (categoryMask(c) & mask) != 0; }

// Some of the library's tables are older than ICU's, others newer. To the old ones, characters of later versions are unassigned. All found by
// asking the library about every code point (tests/golden/gen/make_code_points.py).
constexpr int kCategoryVersion = 8;

bool hasOldCategory(char32_t c, std::uint32_t mask) {
    const int version = unicodeVersionOf(c);
    return version != 0 && version <= kCategoryVersion && (U_GET_GC_MASK(static_cast<UChar32>(c)) & mask) != 0;
}

std::uint32_t maskOfName(const char* name) {
    constexpr std::string_view kNames = "CnLuLlLtLmLoMnMeMcNdNlNoZsZlZpCcCfCoCsPdPsPePcPoSmScSkSoPiPf"; // in ICU's order
    return 1U << (kNames.find(std::string_view(name, 2)) / 2);
}

} // namespace

CodePoint codePointAt(std::string_view utf8, std::size_t at) {
    const auto byte = [&](std::size_t i) { return static_cast<char32_t>(static_cast<unsigned char>(utf8[at + i])); };
    const char32_t lead = byte(0);
    if (lead < 0x80)
        return {lead, 1};
    if (lead < 0xE0)
        return {(lead & 0x1FU) << 6 | (byte(1) & 0x3FU), 2};
    if (lead < 0xF0)
        return {(lead & 0x0FU) << 12 | (byte(1) & 0x3FU) << 6 | (byte(2) & 0x3FU), 3};
    return {(lead & 0x07U) << 18 | (byte(1) & 0x3FU) << 12 | (byte(2) & 0x3FU) << 6 | (byte(3) & 0x3FU), 4};
}

void appendUtf8(std::string& out, char32_t c) {
    const auto tail = [&](int shift) { out.push_back(static_cast<char>(0x80U | ((c >> shift) & 0x3FU))); };
    if (c < 0x80) {
        out.push_back(static_cast<char>(c));
    } else if (c < 0x800) {
        out.push_back(static_cast<char>(0xC0U | c >> 6));
        tail(0);
    } else if (c < 0x10000) {
        out.push_back(static_cast<char>(0xE0U | c >> 12));
        tail(6);
        tail(0);
    } else {
        out.push_back(static_cast<char>(0xF0U | c >> 18));
        tail(12);
        tail(6);
        tail(0);
    }
}

std::string utf8Of(char32_t codePoint) {
    std::string out;
    appendUtf8(out, codePoint);
    return out;
}

std::size_t utf8Length(char32_t c) { return c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4; }

std::optional<std::size_t> firstInvalidUtf8(std::string_view text) {
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t length = announcedLength(static_cast<unsigned char>(text[at]));
        if (length == 0)
            return at;
        for (std::size_t i = 1; i < length; ++i)
            if (!isContinuation(text, at + i))
                return at;
        const CodePoint point = codePointAt(text, at);
        const bool surrogate = point.value >= 0xD800 && point.value <= 0xDFFF;
        if (utf8Length(point.value) != length || surrogate || point.value > 0x10FFFF)
            return at;
        at += length;
    }
    return std::nullopt;
}

int unicodeVersionOf(char32_t c) {
    UVersionInfo version{};
    u_charAge(static_cast<UChar32>(c), version);
    return version[0];
}

bool isWhiteSpace(char32_t c) { return u_hasBinaryProperty(static_cast<UChar32>(c), UCHAR_WHITE_SPACE); }

std::uint32_t categoryMask(char32_t c) {
    const std::uint32_t known = U_GET_GC_MASK(static_cast<UChar32>(c));
    if (known != U_GC_CN_MASK)
        return known;
    const auto ranges = newerRanges();
    const auto after = std::ranges::upper_bound(ranges, c, {}, &NewerRange::first);
    return after != ranges.begin() && c <= std::prev(after)->last ? maskOfName(std::prev(after)->category) : known;
}

bool isPunctuation(char32_t c) {
    const bool ascii = (c >= 33 && c <= 47) || (c >= 58 && c <= 64) || (c >= 91 && c <= 96) || (c >= 123 && c <= 126);
    return ascii || hasOldCategory(c, U_GC_P_MASK) || c == 0x166D || c == 0x111C9; // two were punctuation then
}

bool isMark(char32_t c) {
    // U+1CF2 and U+1CF3 were marks then, U+111C9 was not yet one.
    const int version = unicodeVersionOf(c);
    return c == 0x1CF2 || c == 0x1CF3 || (version <= kNormalizationVersion && c != 0x111C9 && (U_GET_GC_MASK(static_cast<UChar32>(c)) & U_GC_M_MASK) != 0);
}

bool isNonSpacingMark(char32_t c) {
    // These changed their category after that version.
    if (c == 0x1734)
        return true;
    return hasOldCategory(c, U_GC_MN_MASK) && c != 0x1885 && c != 0x1886 && c != 0xA9BD && c != 0x111C9;
}

bool isNumeric(char32_t c) {
    // The table behind it is one version newer still.
    return hasCategory(c, U_GC_N_MASK) || (c >= 0x11DE0 && c <= 0x11DE9) || (c >= 0x16FF4 && c <= 0x16FF6);
}

bool isControl(char32_t c) { return hasOldCategory(c, U_GC_CC_MASK | U_GC_CF_MASK | U_GC_CS_MASK | U_GC_CO_MASK); }

bool isWordCharacter(char32_t c) {
    return u_hasBinaryProperty(static_cast<UChar32>(c), UCHAR_ALPHABETIC) || c == 0x200C || c == 0x200D ||
           hasCategory(c, U_GC_L_MASK | U_GC_M_MASK | U_GC_ND_MASK | U_GC_NL_MASK | U_GC_PC_MASK);
}

bool isCjkIdeograph(char32_t c) {
    return (c >= 0x4E00 && c <= 0x9FFF) || (c >= 0x3400 && c <= 0x4DBF) || (c >= 0x20000 && c <= 0x2A6DF) ||
           (c >= 0x2A700 && c <= 0x2B73F) || (c >= 0x2B740 && c <= 0x2B81F) || (c >= 0x2B920 && c <= 0x2CEAF) ||
           (c >= 0xF900 && c <= 0xFAFF) || (c >= 0x2F800 && c <= 0x2FA1F);
}

LowerCase lowerCase(char32_t c) {
    if (c == 0x130)
        return {'i', 0x307}; // the only one that becomes two
    const auto lower = static_cast<char32_t>(u_tolower(static_cast<UChar32>(c)));
    const char32_t newer = lower == c && c >= 0x80 ? newerLowerCase(c) : 0;
    return {newer != 0 ? newer : lower, 0};
}

} // namespace sinkscope
