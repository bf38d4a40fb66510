// SPDX-License-Identifier: Apache-2.0
#include "core/tokenizer/pre_tokens.h"

#include "core/tokenizer/byte_alphabet.h"
#include "core/tokenizer/unicode.h"

namespace sinkscope {

ByteRange PreTokens::originOf(const PreToken& part, std::size_t begin, std::size_t end) const {
    if (begin == end) // the library counts an empty range from the start of the part
        return {static_cast<std::uint32_t>(part.originalBegin + begin), static_cast<std::uint32_t>(part.originalBegin + begin)};
    if (begin > end || end > part.end - part.begin) // a suffix spelled in bytes reaches beyond; the range is then taken as it is
        return {static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end)};
    return {m_origins[part.begin + begin].begin, m_origins[part.begin + end - 1].end};
}

Result<void> PreTokens::append(const NormalizedText& text, std::int32_t token) {
    const std::uint32_t begin = text.empty() ? 0 : text.origins().front().begin;
    return append(text.text(), text.origins(), begin, token);
}

Result<void> PreTokens::append(std::string_view text, std::span<const ByteRange> origins, std::uint32_t originalBegin, std::int32_t token) {
    if (text.empty())
        return {};
    if (m_text.size() + text.size() > m_mostBytes)
        return normalizedTooLong(m_mostBytes);
    const auto begin = static_cast<std::uint32_t>(m_text.size());
    m_text += text;
    m_origins.insert(m_origins.end(), origins.begin(), origins.end());
    m_parts.push_back({begin, static_cast<std::uint32_t>(m_text.size()), originalBegin, token});
    return {};
}

Result<void> PreTokens::split(const Matcher& matcher, SplitBehavior behavior) {
    std::vector<PreToken> parts;
    parts.reserve(m_parts.size() + m_text.size() / 4);
    std::vector<PatternMatch> matches;
    for (const PreToken& part : m_parts) {
        if (part.token >= 0) {
            parts.push_back(part);
            continue;
        }
        matches.clear();
        SINKSCOPE_CHECK(matcher(textOf(part), matches));
        applyBehavior(matches, behavior);
        for (const PatternMatch& match : matches) {
            const auto begin = static_cast<std::uint32_t>(part.begin + match.begin);
            const auto end = static_cast<std::uint32_t>(part.begin + match.end);
            if (!match.isMatch && begin < end)
                parts.push_back({begin, end, m_origins[begin].begin, -1});
        }
    }
    m_parts = std::move(parts);
    return {};
}

Result<void> PreTokens::splitAt(bool (*predicate)(char32_t), SplitBehavior behavior) {
    const auto matcher = [predicate](std::string_view part, std::vector<PatternMatch>& matches) -> Result<void> {
        matchCharacters(part, predicate, matches);
        return {};
    };
    return split(matcher, behavior);
}

Result<void> PreTokens::rewrite(const std::function<Result<void>(NormalizedText&)>& change) {
    PreTokens result(m_mostBytes);
    result.m_text.reserve(m_text.size() + m_text.size() / 8);
    result.m_origins.reserve(m_text.size() + m_text.size() / 8);
    result.m_parts.reserve(m_parts.size());
    NormalizedText text;
    for (const PreToken& part : m_parts) {
        text.assign(textOf(part), std::span(m_origins).subspan(part.begin, part.end - part.begin), part.originalBegin);
        if (part.token < 0)
            SINKSCOPE_CHECK(change(text));
        SINKSCOPE_CHECK(result.append(text.text(), text.origins(), part.originalBegin, part.token));
    }
    *this = std::move(result);
    return {};
}

Result<void> PreTokens::toByteLevel() {
    std::string text;
    std::vector<ByteRange> origins;
    text.reserve(m_text.size() + m_text.size() / 2);
    origins.reserve(m_text.size() + m_text.size() / 2);
    for (PreToken& part : m_parts) {
        const auto begin = static_cast<std::uint32_t>(text.size());
        for (std::size_t at = part.begin; at < part.end;) {
            const std::size_t length = part.token < 0 ? codePointAt(m_text, at).bytes : 1;
            for (std::size_t i = 0; i < length; ++i) {
                if (part.token < 0)
                    appendUtf8(text, byteAlphabet()[static_cast<unsigned char>(m_text[at + i])]);
                else
                    text += m_text[at + i];
                // The first byte replaces the character, the others are inserted after it: they share the origin of its last byte.
                origins.resize(text.size(), m_origins[i == 0 ? at : at + length - 1]);
            }
            at += length;
        }
        if (text.size() > m_mostBytes)
            return normalizedTooLong(m_mostBytes);
        part.begin = begin;
        part.end = static_cast<std::uint32_t>(text.size());
    }
    m_text = std::move(text);
    m_origins = std::move(origins);
    return {};
}

} // namespace sinkscope
