// SPDX-License-Identifier: Apache-2.0
#include "core/tokenizer/added_tokens.h"

#include "core/tokenizer/unicode.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace sinkscope {
namespace {

/// The code point that ends at a byte position.
char32_t characterBefore(std::string_view text, std::size_t at) {
    std::size_t begin = at - 1;
    while (begin > 0 && (static_cast<unsigned char>(text[begin]) & 0xC0U) == 0x80U)
        --begin;
    return codePointAt(text, begin).value;
}

bool standsAlone(std::string_view text, std::size_t begin, std::size_t end) {
    return (begin == 0 || !isWordCharacter(characterBefore(text, begin))) &&
           (end == text.size() || !isWordCharacter(codePointAt(text, end).value));
}

std::size_t spacesBegin(std::string_view text, std::size_t at) {
    while (at > 0 && isWhiteSpace(characterBefore(text, at)))
        at -= utf8Length(characterBefore(text, at));
    return at;
}

std::size_t spacesEnd(std::string_view text, std::size_t at) {
    while (at < text.size() && isWhiteSpace(codePointAt(text, at).value))
        at += codePointAt(text, at).bytes;
    return at;
}

} // namespace

void AddedTokens::insert(Trie& trie, const std::string& content, std::int32_t token) {
    std::size_t node = 0;
    for (const char byte : content) {
        const auto [entry, added] = trie[node].next.try_emplace(static_cast<unsigned char>(byte), static_cast<std::int32_t>(trie.size()));
        node = static_cast<std::size_t>(entry->second);
        if (added)
            trie.emplace_back();
    }
    if (trie[node].token < 0)
        trie[node].token = token;
}

Result<AddedTokens> AddedTokens::fromJson(const Json& list, const Normalizer* normalizer) {
    AddedTokens added;
    if (list.is_null())
        return added;
    if (!list.is_array())
        return Error{ErrorCode::TokenizerInvalid, "\"added_tokens\" is not a list", {}};
    for (const Json& entry : list) {
        const auto id = integerAt(entry, "id");
        const auto content = stringAt(entry, "content");
        if (!id || *id < 0 || *id > Vocabulary::kMaxId || !content)
            return Error{ErrorCode::TokenizerInvalid, "an added token without id or content", {}};
        AddedToken token{.id = static_cast<std::int32_t>(*id), .content = *content};
        token.singleWord = booleanAt(entry, "single_word").value_or(false);
        token.stripLeft = booleanAt(entry, "lstrip").value_or(false);
        token.stripRight = booleanAt(entry, "rstrip").value_or(false);
        token.special = booleanAt(entry, "special").value_or(false);
        token.normalized = booleanAt(entry, "normalized").value_or(!token.special);
        added.m_tokens.push_back(std::move(token));
    }
    for (std::size_t i = 0; i < added.m_tokens.size(); ++i) {
        const AddedToken& token = added.m_tokens[i];
        NormalizedText content(token.content, 0);
        if (token.normalized && normalizer)
            SINKSCOPE_CHECK(normalizer->apply(content));
        if (!content.empty())
            insert(token.normalized ? added.m_normalized : added.m_raw, content.text(), static_cast<std::int32_t>(i));
    }
    return added;
}

std::optional<AddedTokens::Match> AddedTokens::findFrom(const Trie& trie, std::string_view text, std::size_t from) {
    for (std::size_t begin = from; begin < text.size(); ++begin) {
        std::optional<Match> longest;
        std::size_t node = 0;
        for (std::size_t at = begin; at < text.size(); ++at) {
            const auto next = trie[node].next.find(static_cast<unsigned char>(text[at]));
            if (next == trie[node].next.end())
                break;
            node = static_cast<std::size_t>(next->second);
            if (trie[node].token >= 0)
                longest = Match{begin, at + 1, trie[node].token};
        }
        if (longest)
            return longest;
    }
    return std::nullopt;
}

void AddedTokens::divide(NormalizedText text, bool afterNormalization, std::vector<TextPart>& out) const {
    const Trie& trie = afterNormalization ? m_normalized : m_raw;
    const std::string& bytes = text.text();
    std::size_t covered = 0;
    const auto addText = [&](std::size_t begin, std::size_t end) {
        if (begin < end)
            out.push_back({text.slice(begin, end), std::nullopt});
    };
    for (auto match = findFrom(trie, bytes, 0); match; match = findFrom(trie, bytes, match->end)) {
        const AddedToken& token = m_tokens[static_cast<std::size_t>(match->token)];
        if (token.singleWord && !standsAlone(bytes, match->begin, match->end))
            continue;
        const std::size_t begin = token.stripLeft ? std::max(spacesBegin(bytes, match->begin), covered) : std::max(match->begin, covered);
        const std::size_t end = token.stripRight ? spacesEnd(bytes, match->end) : match->end;
        addText(covered, begin);
        if (begin < end)
            out.push_back({text.slice(begin, end), token.id});
        covered = end;
    }
    if (covered == 0 && !text.empty())
        out.push_back({std::move(text), std::nullopt});
    else
        addText(covered, bytes.size());
}

} // namespace sinkscope
