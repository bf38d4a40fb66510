// SPDX-License-Identifier: Apache-2.0
#include "core/tokenizer/character_map.h"

#include "core/tokenizer/unicode.h"

namespace sinkscope {
namespace {

constexpr std::uint32_t kValueBit = 1U << 31;

// A unit is either a value (highest bit set, the other 31 are the value) or a node: its label in the low 8 bits, whether it has a value in bit 8, and
// the distance of its children in the others.
bool isNode(std::uint32_t unit) { return (unit & kValueBit) == 0; }
bool hasValue(std::uint32_t unit) { return (unit >> 8 & 1U) != 0; }
std::size_t distanceOf(std::uint32_t unit) { return static_cast<std::size_t>(unit >> 10) << ((unit & (1U << 9)) >> 6); }

Error invalid(const std::string& what) { return Error{ErrorCode::TokenizerInvalid, "precompiled_charsmap: " + what, {}}; }

std::uint32_t wordAt(std::string_view bytes, std::size_t at) {
    std::uint32_t word = 0;
    for (std::size_t i = 0; i < 4; ++i)
        word |= static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[at + i])) << (8 * i);
    return word;
}

} // namespace

Result<CharacterMap> CharacterMap::fromBytes(std::string_view bytes) {
    const std::size_t trieBytes = bytes.size() < 4 ? 0 : wordAt(bytes, 0);
    if (trieBytes == 0 || trieBytes % 4 != 0 || trieBytes > bytes.size() - 4)
        return invalid("the trie does not fit");
    CharacterMap map;
    map.m_replacements = bytes.substr(4 + trieBytes);
    if (map.m_replacements.empty() || map.m_replacements.back() != '\0' || firstInvalidUtf8(map.m_replacements))
        return invalid("the replacements are no text that ends with a zero byte");
    map.m_units.resize(trieBytes / 4);
    for (std::size_t i = 0; i < map.m_units.size(); ++i)
        map.m_units[i] = wordAt(bytes, 4 + 4 * i);
    for (std::size_t i = 0; i < map.m_units.size(); ++i) {
        const std::uint32_t unit = map.m_units[i];
        if (!isNode(unit))
            continue;
        const std::size_t children = i ^ distanceOf(unit);
        if ((children | 0xFFU) >= map.m_units.size()) // a label may flip any of the low bits
            return invalid("a node points out of the trie");
        const std::size_t value = map.m_units[children] & ~kValueBit;
        const bool starts = value < map.m_replacements.size() && (static_cast<unsigned char>(map.m_replacements[value]) & 0xC0U) != 0x80U;
        if (hasValue(unit) && !starts)
            return invalid("a replacement is out of range");
    }
    if (!isNode(map.m_units.front()))
        return invalid("the trie has no root");
    return map;
}

std::optional<std::string_view> CharacterMap::replacementOf(std::string_view text) const {
    std::size_t at = distanceOf(m_units.front());
    for (const char c : text) {
        const auto label = static_cast<unsigned char>(c);
        if (label == 0)
            return std::nullopt;
        at ^= label;
        const std::uint32_t unit = m_units[at];
        if ((unit & (kValueBit | 0xFFU)) != label)
            return std::nullopt;
        at ^= distanceOf(unit);
        if (hasValue(unit))
            return std::string_view(m_replacements.c_str() + (m_units[at] & ~kValueBit)); // up to its zero byte
    }
    return std::nullopt;
}

} // namespace sinkscope
