// SPDX-License-Identifier: Apache-2.0
#include "core/tokenizer/encode_pieces.h"

#include <algorithm>
#include <bit>

namespace sinkscope {
namespace {

/// From bytes of a text to its code points.
class CodePointOffsets {
public:
    explicit CodePointOffsets(std::string_view text) : m_size(text.size()) {
        if (std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; }))
            return; // they are the same
        m_index.reserve(text.size());
        std::int32_t count = -1;
        for (const char c : text) {
            count += (static_cast<unsigned char>(c) & 0xC0U) != 0x80U ? 1 : 0;
            m_index.push_back(count);
        }
    }
    /// A range that begins at or behind the end stays in bytes, as in the library.
    [[nodiscard]] std::pair<std::int32_t, std::int32_t> of(ByteRange range) const {
        if (range.begin >= m_size)
            return {static_cast<std::int32_t>(range.begin), static_cast<std::int32_t>(range.end)};
        const std::int32_t begin = at(range.begin);
        if (range.end < m_size)
            return {begin, at(range.end)};
        return {begin, range.end == m_size ? at(range.end - 1) + 1 : begin + 2};
    }

private:
    [[nodiscard]] std::int32_t at(std::uint32_t byte) const { return m_index.empty() ? static_cast<std::int32_t>(byte) : m_index[byte]; }
    std::size_t m_size;
    std::vector<std::int32_t> m_index;
};

/// Remembers the tokens of words. Words come back often; a word that falls on the place of another takes it over.
class WordCache {
public:
    explicit WordCache(std::size_t words) : m_entries(std::bit_ceil(std::clamp<std::size_t>(words, 1, 1U << 14))) {}

    Result<std::span<const ModelToken>> tokensOf(std::string_view word, const TokenizerModel& model) {
        Entry& entry = m_entries[std::hash<std::string_view>{}(word) & (m_entries.size() - 1)];
        if (entry.word != word) {
            entry.word = word;
            entry.tokens.clear();
            SINKSCOPE_CHECK(model.tokenize(word, entry.tokens));
        }
        return std::span<const ModelToken>(entry.tokens);
    }

private:
    struct Entry {
        std::string_view word; ///< into the text, which outlives the cache; no word is empty
        std::vector<ModelToken> tokens;
    };
    std::vector<Entry> m_entries;
};

void append(Encoding& encoding, std::int32_t id, std::string_view piece, std::pair<std::int32_t, std::int32_t> offsets) {
    encoding.ids.push_back(id);
    encoding.pieces.emplace_back(piece);
    encoding.offsets.push_back(offsets);
}

} // namespace

Result<Encoding> encodePieces(const TokenizerModel& model, const PreTokens& pieces, std::string_view original) {
    const CodePointOffsets offsets(original);
    WordCache cache(pieces.parts().size());
    Encoding encoding;
    encoding.ids.reserve(pieces.parts().size() + 2);
    encoding.pieces.reserve(pieces.parts().size() + 2);
    encoding.offsets.reserve(pieces.parts().size() + 2);
    for (const PreToken& part : pieces.parts()) {
        const std::string_view text = pieces.textOf(part);
        if (part.token >= 0) {
            append(encoding, part.token, text, offsets.of(pieces.originOf(part, 0, text.size())));
            continue;
        }
        SINKSCOPE_TRY(const auto tokens, cache.tokensOf(text, model));
        for (const ModelToken& token : tokens)
            append(encoding, token.id, token.verbatim ? text.substr(token.begin, token.end - token.begin) : model.pieceOf(token.id).value_or(""),
                   offsets.of(pieces.originOf(part, token.begin, token.end)));
    }
    encoding.special.assign(encoding.ids.size(), 0);
    encoding.segments.assign(encoding.ids.size(), 0);
    return encoding;
}

} // namespace sinkscope
