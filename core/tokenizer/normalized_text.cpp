// SPDX-License-Identifier: Apache-2.0
#include "core/tokenizer/normalized_text.h"

#include <algorithm>

namespace sinkscope {
namespace {

/// Joins every match with the run before it (or, on a reversed list, after it).
std::vector<PatternMatch> merged(const std::vector<PatternMatch>& matches, bool reversed) {
    std::vector<PatternMatch> out;
    bool previousWasMatch = false;
    for (const PatternMatch& match : matches) {
        if (match.isMatch && !previousWasMatch && !out.empty()) {
            (reversed ? out.back().begin : out.back().end) = reversed ? match.begin : match.end;
        } else {
            out.push_back({match.begin, match.end, false});
        }
        previousWasMatch = match.isMatch;
    }
    return out;
}

std::vector<PatternMatch> contiguous(const std::vector<PatternMatch>& matches) {
    std::vector<PatternMatch> out;
    bool previousWasMatch = false;
    for (const PatternMatch& match : matches) {
        if (match.isMatch == previousWasMatch && !out.empty())
            out.back().end = match.end;
        else
            out.push_back({match.begin, match.end, false});
        previousWasMatch = match.isMatch;
    }
    return out;
}

} // namespace

std::vector<PatternMatch> applyBehavior(const std::vector<PatternMatch>& matches, SplitBehavior behavior) {
    std::vector<PatternMatch> out = matches;
    switch (behavior) {
    case SplitBehavior::Removed:
        return out;
    case SplitBehavior::Isolated:
        for (PatternMatch& match : out)
            match.isMatch = false;
        return out;
    case SplitBehavior::MergedWithPrevious:
        return merged(matches, false);
    case SplitBehavior::MergedWithNext:
        std::ranges::reverse(out);
        out = merged(out, true);
        std::ranges::reverse(out);
        return out;
    case SplitBehavior::Contiguous:
        return contiguous(matches);
    }
    return out;
}

NormalizedText::NormalizedText(std::string_view original, std::size_t offset) : m_text(original), m_originalBegin(offset) {
    m_origin.resize(original.size());
    for (std::size_t at = 0; at < original.size();) {
        const std::size_t bytes = codePointAt(original, at).bytes;
        const ByteRange origin{static_cast<std::uint32_t>(offset + at), static_cast<std::uint32_t>(offset + at + bytes)};
        std::fill_n(m_origin.begin() + static_cast<std::ptrdiff_t>(at), bytes, origin);
        at += bytes;
    }
}

ByteRange NormalizedText::originOf(std::size_t begin, std::size_t end) const {
    if (begin >= end || end > m_origin.size())
        return {};
    return {m_origin[begin].begin, m_origin[end - 1].end};
}

NormalizedText NormalizedText::slice(std::size_t begin, std::size_t end) const {
    NormalizedText piece;
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
    std::size_t at = 0; // in the old text
    const auto skip = [&](std::size_t count) {
        for (std::size_t i = 0; i < count && at < m_text.size(); ++i)
            at += codePointAt(m_text, at).bytes;
    };
    skip(removedAtStart);
    for (const auto& [character, change] : changes) {
        // What is inserted belongs to what precedes it; at the very start there is nothing, and it belongs nowhere.
        const ByteRange from = change > 0 ? (at == 0 ? ByteRange{} : m_origin[at - 1])
                                          : (at < m_origin.size() ? m_origin[at] : ByteRange{});
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
    // The prefix shares the origin of the first character.
    const ByteRange first = m_origin.front();
    m_text.insert(0, prefix);
    m_origin.insert(m_origin.begin(), prefix.size(), first);
}

void NormalizedText::replace(const std::vector<PatternMatch>& matches, std::string_view content) {
    std::string text;
    std::vector<ByteRange> origin;
    text.reserve(m_text.size());
    for (const PatternMatch& match : matches) {
        if (match.isMatch) {
            const ByteRange from = match.end == 0 ? ByteRange{} : m_origin[match.end - 1];
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
}

void NormalizedText::splitInto(const std::vector<PatternMatch>& matches, SplitBehavior behavior,
                               std::vector<NormalizedText>& out) const {
    for (const PatternMatch& piece : applyBehavior(matches, behavior))
        if (!piece.isMatch && piece.begin < piece.end)
            out.push_back(slice(piece.begin, piece.end));
}

} // namespace sinkscope
