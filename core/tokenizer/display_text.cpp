// SPDX-License-Identifier: Apache-2.0
#include "core/tokenizer/display_text.h"

#include "core/tokenizer/byte_alphabet.h"
#include "core/tokenizer/unicode.h"

#include <array>
#include <charconv>
#include <cstdio>
#include <optional>

namespace sinkscope {
namespace {

constexpr char32_t kSentencePieceSpace = 0x2581;

std::string bytesOf(std::string_view piece) {
    std::string bytes;
    for (std::size_t at = 0; at < piece.size();) {
        const CodePoint point = codePointAt(piece, at);
        if (const auto byte = byteOfCharacter(point.value))
            bytes.push_back(static_cast<char>(*byte));
        else
            bytes.append(piece.substr(at, point.bytes));
        at += point.bytes;
    }
    return bytes;
}

/// The byte of "<0xE2>".
std::optional<unsigned char> byteFallbackOf(std::string_view piece) {
    unsigned value = 0;
    if (piece.size() != 6 || !piece.starts_with("<0x") || piece[5] != '>')
        return std::nullopt;
    const auto [end, error] = std::from_chars(piece.data() + 3, piece.data() + 5, value, 16);
    return error == std::errc() && end == piece.data() + 5 ? std::optional(static_cast<unsigned char>(value)) : std::nullopt;
}

std::string decoded(std::string_view piece, PieceSpelling spelling) {
    if (spelling == PieceSpelling::ByteLevel)
        return bytesOf(piece);
    if (spelling == PieceSpelling::SentencePiece)
        if (const auto byte = byteFallbackOf(piece))
            return std::string(1, static_cast<char>(*byte));
    return std::string(piece);
}

void appendEscaped(std::string& out, unsigned char byte) {
    std::array<char, 8> text{};
    std::snprintf(text.data(), text.size(), "\\x%02X", byte);
    out += text.data();
}

void appendVisible(std::string& out, char32_t c) {
    if (c == '\n')
        out += "\u21b5";
    else if (c == '\t')
        out += "\u21e5";
    else if (c < 0x20)
        appendUtf8(out, 0x2400 + c); // the control pictures
    else if (c == 0x7F)
        appendUtf8(out, 0x2421);
    else
        appendUtf8(out, c == kSentencePieceSpace ? U' ' : c);
}

} // namespace

std::string displayTextOf(std::string_view piece, PieceSpelling spelling) {
    const std::string bytes = decoded(piece, spelling);
    std::string out;
    for (std::size_t at = 0; at < bytes.size();) {
        const std::string_view rest = std::string_view(bytes).substr(at);
        const std::size_t valid = firstInvalidUtf8(rest).value_or(rest.size());
        if (valid == 0) {
            appendEscaped(out, static_cast<unsigned char>(bytes[at++]));
            continue;
        }
        for (const std::size_t end = at + valid; at < end;) {
            const CodePoint point = codePointAt(bytes, at);
            appendVisible(out, point.value);
            at += point.bytes;
        }
    }
    return out;
}

} // namespace sinkscope
