// SPDX-License-Identifier: Apache-2.0
#include "core/base/base64.h"

#include <array>
#include <cstdint>

namespace sinkscope {
namespace {

constexpr std::uint8_t kNone = 64;
constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

constexpr std::array<std::uint8_t, 256> valuesOfCharacters() {
    std::array<std::uint8_t, 256> values{};
    values.fill(kNone);
    for (std::size_t i = 0; i < kAlphabet.size(); ++i)
        values[static_cast<unsigned char>(kAlphabet[i])] = static_cast<std::uint8_t>(i);
    return values;
}

constexpr auto kValues = valuesOfCharacters();

} // namespace

std::string encodeBase64(std::string_view bytes) {
    std::string text;
    text.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t at = 0; at < bytes.size(); at += 3) {
        const std::string_view three = bytes.substr(at, 3);
        std::uint32_t group = 0;
        for (std::size_t i = 0; i < 3; ++i)
            group = group << 8 | (i < three.size() ? static_cast<unsigned char>(three[i]) : 0U);
        for (std::size_t i = 0; i < 4; ++i)
            text.push_back(i <= three.size() ? kAlphabet[group >> (18 - 6 * i) & 63U] : '=');
    }
    return text;
}

std::optional<std::string> decodeBase64(std::string_view text) {
    if (text.size() % 4 != 0)
        return std::nullopt;
    const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
    std::string bytes;
    bytes.reserve(text.size() / 4 * 3);
    for (std::size_t at = 0; at < text.size(); at += 4) {
        const bool last = at + 4 == text.size();
        std::uint32_t group = 0;
        for (std::size_t i = 0; i < 4; ++i) {
            const bool padded = last && i >= 4 - padding;
            const std::uint8_t value = padded ? 0 : kValues[static_cast<unsigned char>(text[at + i])];
            if (value == kNone)
                return std::nullopt;
            group = group << 6 | value;
        }
        for (std::size_t i = 0; i < 3 - (last ? padding : 0); ++i)
            bytes.push_back(static_cast<char>(group >> (16 - 8 * i) & 0xFFU));
        // Bits that no byte takes must be zero: one text for each sequence of bytes.
        if (last && padding > 0 && (group & ((1U << (8 * padding)) - 1)) != 0)
            return std::nullopt;
    }
    return bytes;
}

} // namespace sinkscope
