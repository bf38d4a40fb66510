// SPDX-License-Identifier: Apache-2.0
#include "core/tokenizer/normalized_text.h"

#include <algorithm>

namespace sinkscope {

void applyBehavior(std::vector<PatternMatch>& matches, SplitBehavior behavior) {
    if (behavior == SplitBehavior::Removed)
        return;
    const bool backwards = behavior == SplitBehavior::MergedWithNext;
    if (backwards)
        std::ranges::reverse(matches);
    std::size_t kept = 0;
    bool previous = false;
    for (const PatternMatch match : matches) {
        const bool merges = behavior == SplitBehavior::Contiguous ? match.isMatch == previous
                            : behavior == SplitBehavior::Isolated ? false
                                                                  : match.isMatch && !previous;
        previous = match.isMatch;
        if (!merges || kept == 0)
            matches[kept++] = {match.begin, match.end, false};
        else
            (backwards ? matches[kept - 1].begin : matches[kept - 1].end) = backwards ? match.begin : match.end;
    }
    matches.resize(kept);
    if (backwards)
        std::ranges::reverse(matches);
}

void matchCharacters(std::string_view text, bool (*predicate)(char32_t), std::vector<PatternMatch>& matches) {
    std::size_t last = 0;
    for (std::size_t at = 0; at < text.size();) {
        const CodePoint point = codePointAt(text, at);
        if (predicate(point.value)) {
            if (last < at)
                matches.push_back({last, at, false});
            last = at + point.bytes;
            matches.push_back({at, last, true});
        }
        at += point.bytes;
    }
    if (last < text.size())
        matches.push_back({last, text.size(), false});
}

void matchLiteral(std::string_view text, std::string_view literal, std::vector<PatternMatch>& matches) {
    std::size_t last = 0;
    for (std::size_t found = 0; !literal.empty() && (found = text.find(literal, last)) != std::string_view::npos;) {
        if (last < found)
            matches.push_back({last, found, false});
        last = found + literal.size();
        matches.push_back({found, last, true});
    }
    if (last < text.size())
        matches.push_back({last, text.size(), false});
}

Error normalizedTooLong(std::size_t mostBytes) {
    return {ErrorCode::TextTooLong, "the tokenizer makes the text longer than " + std::to_string(mostBytes) + " bytes, which no ordinary one does", {}};
}

NormalizedText::NormalizedText(std::string_view original, std::size_t offset)
    : m_text(original), m_originalBegin(offset), m_mostBytes(mostNormalizedBytes(original.size())) {
    m_origin.resize(original.size());
    for (std::size_t at = 0; at < original.size();) {
        const std::size_t bytes = codePointAt(original, at).bytes;
        const ByteRange origin{static_cast<std::uint32_t>(offset + at), static_cast<std::uint32_t>(offset + at + bytes)};
        std::fill_n(m_origin.begin() + static_cast<std::ptrdiff_t>(at), bytes, origin);
        at += bytes;
    }
}

void NormalizedText::assign(std::string_view text, std::span<const ByteRange> origins, std::size_t originalBegin) {
    m_text.assign(text);
    m_origin.assign(origins.begin(), origins.end());
    m_originalBegin = originalBegin;
    m_mostBytes = mostNormalizedBytes(text.size());
}

NormalizedText NormalizedText::slice(std::size_t begin, std::size_t end) const {
    NormalizedText piece;
    piece.m_mostBytes = m_mostBytes;
    piece.m_text = m_text.substr(begin, end - begin);
    piece.m_origin.assign(m_origin.begin() + static_cast<std::ptrdiff_t>(begin), m_origin.begin() + static_cast<std::ptrdiff_t>(end));
    piece.m_originalBegin = piece.m_origin.empty() ? m_originalBegin : piece.m_origin.front().begin;
    return piece;
}

std::vector<char32_t> NormalizedText::characters() const {
    std::vector<char32_t> out;
    out.reserve(m_text.size());
    for (std::size_t at = 0; at < m_text.size();) {
        const CodePoint point = codePointAt(m_text, at);
        out.push_back(point.value);
        at += point.bytes;
    }
    return out;
}

void NormalizedText::transform(const std::vector<CharacterChange>& changes, std::size_t removedAtStart) {
    std::string text;
    std::vector<ByteRange> origin;
    text.reserve(m_text.size() + 8);
    origin.reserve(m_text.size() + 8);
    const ByteRange nowhere{static_cast<std::uint32_t>(m_originalBegin), static_cast<std::uint32_t>(m_originalBegin)};
    std::size_t at = 0; // in the old text
    const auto skip = [&](std::size_t count) {
        for (std::size_t i = 0; i < count && at < m_text.size(); ++i)
            at += codePointAt(m_text, at).bytes;
    };
    skip(removedAtStart);
    for (const auto& [character, change] : changes) {
        // What is inserted belongs to what precedes it; at the very start there is nothing.
        const ByteRange from = change > 0 ? (at == 0 ? nowhere : m_origin[at - 1])
                                          : (at < m_origin.size() ? m_origin[at] : nowhere);
        if (change <= 0)
            skip(1 + static_cast<std::size_t>(-change));
        appendUtf8(text, character);
        origin.resize(text.size(), from);
    }
    m_text = std::move(text);
    m_origin = std::move(origin);
}

void NormalizedText::prepend(std::string_view prefix) {
    if (m_text.empty() || prefix.empty())
        return;
    // The prefix takes the place of the first character, which then counts as inserted after it.
    const std::size_t firstBytes = codePointAt(m_text, 0).bytes;
    const ByteRange first = m_origin.front(), rest = m_origin[firstBytes - 1];
    std::fill_n(m_origin.begin(), firstBytes, rest);
    m_origin.insert(m_origin.begin(), prefix.size(), rest);
    std::fill_n(m_origin.begin(), codePointAt(prefix, 0).bytes, first);
    m_text.insert(0, prefix);
}

Result<void> NormalizedText::replace(const std::vector<PatternMatch>& matches, std::string_view content) {
    const auto count = static_cast<std::size_t>(std::ranges::count_if(matches, &PatternMatch::isMatch));
    if (count == 0)
        return {};
    if (content.size() > m_mostBytes / count)
        return normalizedTooLong(m_mostBytes);
    const ByteRange nowhere{static_cast<std::uint32_t>(m_originalBegin), static_cast<std::uint32_t>(m_originalBegin)};
    std::string text;
    std::vector<ByteRange> origin;
    text.reserve(m_text.size());
    for (const PatternMatch& match : matches) {
        if (match.isMatch) {
            const ByteRange from = match.end == 0 ? nowhere : m_origin[match.end - 1];
            text += content;
            origin.resize(text.size(), from);
        } else {
            text.append(m_text, match.begin, match.end - match.begin);
            origin.insert(origin.end(), m_origin.begin() + static_cast<std::ptrdiff_t>(match.begin),
                          m_origin.begin() + static_cast<std::ptrdiff_t>(match.end));
        }
    }
    m_text = std::move(text);
    m_origin = std::move(origin);
    return {};
}

} // namespace sinkscope
