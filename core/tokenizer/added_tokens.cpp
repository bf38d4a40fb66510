// SPDX-License-Identifier: Apache-2.0
#include "core/tokenizer/added_tokens.h"

#include "core/tokenizer/unicode.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace sinkscope {
namespace {

/// Longer than any published token; the time to look for tokens grows with it.
constexpr std::size_t kMaxAddedBytes = 1024;
constexpr std::size_t kMaxAddedTokens = 1'000'000;

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

Result<AddedTokens> AddedTokens::fromJson(const Json& list, const TokenizerModel& model, const Normalizer* normalizer) {
    AddedTokens added;
    if (list.is_null())
        return added;
    if (!list.is_array())
        return Error{ErrorCode::TokenizerInvalid, "\"added_tokens\" is not a list", {}};
    auto nextId = static_cast<std::int32_t>(model.size());
    for (const Json& entry : list) {
        const auto content = stringAt(entry, "content");
        if (!content || content->size() > kMaxAddedBytes || added.m_tokens.size() > kMaxAddedTokens)
            return Error{ErrorCode::TokenizerInvalid, "an added token without content, a very long one, or too many", {}};
        if (content->empty())
            continue;
        auto id = added.idOf(*content);
        if (!id && !(id = model.idOf(*content))) {
            id = nextId++;
            ++added.m_beyondModel;
        }
        const bool special = booleanAt(entry, "special").value_or(false);
        added.m_ids.insert_or_assign(*content, *id);
        added.m_tokens.insert_or_assign(*id, AddedToken{*content, booleanAt(entry, "single_word").value_or(false), booleanAt(entry, "lstrip").value_or(false),
                                                        booleanAt(entry, "rstrip").value_or(false), booleanAt(entry, "normalized").value_or(!special), special});
    }
    SINKSCOPE_CHECK(added.index(normalizer));
    return added;
}

Result<void> AddedTokens::index(const Normalizer* normalizer) {
    for (const auto& [id, token] : m_tokens) {
        NormalizedText content(token.content, 0);
        if (token.normalized && normalizer)
            SINKSCOPE_CHECK(normalizer->apply(content));
        if (content.text().size() > kMaxAddedBytes)
            return Error{ErrorCode::TokenizerInvalid, "an added token becomes very long when it is normalized", {}};
        (token.normalized ? m_normalized : m_raw).insert(content.text(), id);
    }
    return {};
}

const AddedToken* AddedTokens::find(std::int32_t id) const {
    const auto found = m_tokens.find(id);
    return found == m_tokens.end() ? nullptr : &found->second;
}

std::optional<std::int32_t> AddedTokens::idOf(std::string_view content) const {
    const auto found = m_ids.find(content);
    return found == m_ids.end() ? std::nullopt : std::optional(found->second);
}

void AddedTokens::divide(NormalizedText text, bool afterNormalization, std::vector<TextPart>& out) const {
    const TokenTrie& trie = afterNormalization ? m_normalized : m_raw;
    const std::string& bytes = text.text();
    std::size_t covered = 0;
    const auto add = [&](std::size_t begin, std::size_t end, std::int32_t token) {
        if (begin < end)
            out.push_back({text.slice(begin, end), token});
    };
    for (auto match = trie.findFrom(bytes, 0); match; match = trie.findFrom(bytes, match->end)) {
        const AddedToken& token = m_tokens.find(match->id)->second;
        if (token.singleWord && !standsAlone(bytes, match->begin, match->end))
            continue;
        const std::size_t begin = token.stripLeft ? std::max(spacesBegin(bytes, match->begin), covered) : match->begin;
        const std::size_t end = token.stripRight ? spacesEnd(bytes, match->end) : match->end;
        add(covered, begin, -1);
        add(begin, end, match->id);
        covered = end;
    }
    if (covered == 0 && !text.empty())
        out.push_back({std::move(text), -1});
    else
        add(covered, bytes.size(), -1);
}

} // namespace sinkscope
