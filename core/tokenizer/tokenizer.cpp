// SPDX-License-Identifier: Apache-2.0
#include "core/tokenizer/tokenizer.h"

#include "core/tokenizer/added_tokens.h"
#include "core/tokenizer/component_specs.h"
#include "core/tokenizer/display_text.h"
#include "core/tokenizer/encoding_edit.h"
#include "core/tokenizer/unicode.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <map>

namespace sinkscope {
namespace {

/// Everything a tokenizer.json says, built.
struct Parts {
    std::unique_ptr<const Normalizer> normalizer;
    std::unique_ptr<const PreTokenizer> preTokenizer;
    std::unique_ptr<const TokenizerModel> model;
    std::unique_ptr<const PostProcessor> postProcessor;
    AddedTokens added;
    bool byteLevel = false;
    std::optional<std::string> bosPiece;
};

/// Code-point index of every byte of a text, and of its end.
std::vector<std::int32_t> codePointIndex(std::string_view text) {
    std::vector<std::int32_t> index(text.size() + 1);
    std::int32_t count = -1;
    for (std::size_t at = 0; at < text.size(); ++at) {
        count += (static_cast<unsigned char>(text[at]) & 0xC0U) != 0x80U ? 1 : 0;
        index[at] = count;
    }
    index[text.size()] = count + 1;
    return index;
}

class JsonTokenizer : public Tokenizer {
public:
    explicit JsonTokenizer(Parts parts) : m_parts(std::move(parts)) {
        std::size_t beyond = 0;
        for (const AddedToken& token : m_parts.added.tokens()) {
            m_addedPieces[token.id] = token.content;
            m_addedIds.emplace(token.content, token.id);
            beyond += m_parts.model->pieceOf(token.id) ? 0 : 1;
        }
        m_size = m_parts.model->size() + beyond;
        m_bos = findBos();
    }

    [[nodiscard]] Result<Encoding> encode(std::string_view text, bool addSpecial) const override {
        if (const auto invalid = firstInvalidUtf8(text))
            return Error{ErrorCode::InvalidUtf8, "the text is not UTF-8 at byte " + std::to_string(*invalid), {}};
        SINKSCOPE_TRY(auto parts, divided(text));
        const auto codePoints = codePointIndex(text);
        Encoding encoding;
        for (TextPart& part : parts) {
            if (part.token)
                append(encoding, *part.token, part.text.text(), part.text.originOf(0, part.text.text().size()), codePoints);
            else
                SINKSCOPE_CHECK(encodeFreeText(std::move(part.text), codePoints, encoding));
        }
        if (m_parts.postProcessor)
            m_parts.postProcessor->apply(encoding, addSpecial);
        return encoding;
    }

    [[nodiscard]] std::size_t vocabularySize() const override { return m_size; }
    [[nodiscard]] std::string_view kind() const override { return m_parts.model->kind(m_parts.byteLevel); }
    [[nodiscard]] std::optional<std::string> pieceOf(std::int32_t id) const override {
        const auto added = m_addedPieces.find(id);
        return added != m_addedPieces.end() ? std::optional(added->second) : m_parts.model->pieceOf(id);
    }
    [[nodiscard]] std::optional<std::int32_t> idOf(std::string_view piece) const override {
        const auto added = m_addedIds.find(piece);
        return added != m_addedIds.end() ? std::optional(added->second) : m_parts.model->idOf(piece);
    }
    [[nodiscard]] std::optional<std::int32_t> bosId() const override { return m_bos; }
    [[nodiscard]] std::string displayText(std::int32_t id) const override {
        const auto piece = pieceOf(id);
        if (!piece)
            return "\u27e8" + std::to_string(id) + "\u27e9";
        const bool plain = m_addedPieces.contains(id) || !m_parts.byteLevel;
        return displayTextOf(*piece, !plain);
    }

private:
    /// Text and added tokens, in order; free text is normalized.
    [[nodiscard]] Result<std::vector<TextPart>> divided(std::string_view text) const {
        std::vector<TextPart> raw, parts;
        m_parts.added.divide(NormalizedText(text, 0), false, raw);
        for (TextPart& part : raw) {
            if (part.token) {
                parts.push_back(std::move(part));
                continue;
            }
            if (m_parts.normalizer)
                SINKSCOPE_CHECK(m_parts.normalizer->apply(part.text));
            m_parts.added.divide(std::move(part.text), true, parts);
        }
        return parts;
    }

    [[nodiscard]] Result<void> encodeFreeText(NormalizedText text, const std::vector<std::int32_t>& codePoints, Encoding& encoding) const {
        std::vector<NormalizedText> pieces;
        if (m_parts.preTokenizer)
            SINKSCOPE_CHECK(m_parts.preTokenizer->split(std::move(text), pieces));
        else if (!text.empty())
            pieces.push_back(std::move(text));
        std::vector<ModelToken> tokens;
        for (const NormalizedText& piece : pieces) {
            tokens.clear();
            SINKSCOPE_CHECK(m_parts.model->tokenize(piece.text(), tokens));
            for (const ModelToken& token : tokens)
                append(encoding, token.id, pieceOf(token.id).value_or(""), piece.originOf(token.begin, token.end), codePoints);
        }
        return {};
    }

    static void append(Encoding& encoding, std::int32_t id, std::string piece, ByteRange origin, const std::vector<std::int32_t>& codePoints) {
        encoding.ids.push_back(id);
        encoding.pieces.push_back(std::move(piece));
        encoding.offsets.emplace_back(codePoints[origin.begin], codePoints[origin.end]);
        encoding.special.push_back(0);
        encoding.segments.push_back(0);
    }

    [[nodiscard]] std::optional<std::int32_t> findBos() const {
        if (m_parts.bosPiece)
            if (const auto id = idOf(*m_parts.bosPiece))
                return id;
        return m_parts.postProcessor ? m_parts.postProcessor->firstSpecial() : std::nullopt;
    }

    Parts m_parts;
    std::map<std::int32_t, std::string> m_addedPieces;
    TextMap<std::int32_t> m_addedIds;
    std::size_t m_size = 0;
    std::optional<std::int32_t> m_bos;
};

/// True if "type": "ByteLevel" occurs anywhere in a description.
bool mentionsByteLevel(const Json& description) {
    if (stringAt(description, "type") == "ByteLevel")
        return true;
    return (description.is_object() || description.is_array()) && std::ranges::any_of(description, mentionsByteLevel);
}

const Json& memberOf(const Json& root, const char* key) {
    static const Json kNull;
    const auto member = root.find(key);
    return member == root.end() ? kNull : *member;
}

/// bos_token or cls_token of tokenizer_config.json, as a string or as an object with "content".
std::optional<std::string> bosPieceOf(const std::filesystem::path& configFile) {
    std::error_code ignored;
    if (configFile.empty() || !std::filesystem::exists(configFile, ignored))
        return std::nullopt;
    const auto config = readJson(configFile, ErrorCode::TokenizerInvalid);
    if (!config || !config->is_object())
        return std::nullopt; // an aid, not a necessity
    for (const char* key : {"bos_token", "cls_token"}) {
        if (auto piece = stringAt(*config, key))
            return piece;
        if (auto piece = stringAt(memberOf(*config, key), "content"))
            return piece;
    }
    return std::nullopt;
}

Result<Parts> buildParts(const Json& root) {
    if (!root.is_object())
        return Error{ErrorCode::TokenizerInvalid, "not a JSON object", {}};
    Parts parts;
    SINKSCOPE_TRY(parts.normalizer, buildNormalizer(memberOf(root, "normalizer")));
    SINKSCOPE_TRY(parts.preTokenizer, buildPreTokenizer(memberOf(root, "pre_tokenizer")));
    SINKSCOPE_TRY(parts.model, buildTokenizerModel(memberOf(root, "model")));
    if (!parts.model)
        return Error{ErrorCode::TokenizerInvalid, "there is no \"model\"", {}};
    SINKSCOPE_TRY(parts.postProcessor, buildPostProcessor(memberOf(root, "post_processor")));
    SINKSCOPE_TRY(parts.added, AddedTokens::fromJson(memberOf(root, "added_tokens"), parts.normalizer.get()));
    parts.byteLevel = mentionsByteLevel(memberOf(root, "pre_tokenizer")) || mentionsByteLevel(memberOf(root, "normalizer"));
    return parts;
}

} // namespace

Result<std::shared_ptr<const Tokenizer>> Tokenizer::load(const std::filesystem::path& tokenizerFile, const std::filesystem::path& configFile) {
    std::error_code ignored;
    if (tokenizerFile.empty() || !std::filesystem::exists(tokenizerFile, ignored))
        return Error{ErrorCode::TokenizerMissing, "there is no tokenizer.json", tokenizerFile};
    SINKSCOPE_TRY(const Json root, readJson(tokenizerFile, ErrorCode::TokenizerInvalid));
    auto parts = buildParts(root);
    if (!parts) {
        Error error = parts.error();
        error.file = tokenizerFile;
        return error;
    }
    parts->bosPiece = bosPieceOf(configFile);
    return std::shared_ptr<const Tokenizer>(new JsonTokenizer(std::move(*parts)));
}

Result<Encoding> encodeWithBos(const Tokenizer& tokenizer, std::string_view text, BosChoice bos) {
    SINKSCOPE_TRY(Encoding encoding, tokenizer.encode(text, true));
    const auto id = tokenizer.bosId();
    const bool present = id && !encoding.ids.empty() && encoding.ids.front() == *id;
    if (bos == BosChoice::Yes && !present) {
        if (!id)
            return Error{ErrorCode::InvalidArgument, "this tokenizer declares no beginning-of-sequence token", {}};
        addSpecialToken(encoding, true, *id, tokenizer.pieceOf(*id).value_or(""), 0);
    }
    if (bos == BosChoice::No && present) {
        encoding.ids.erase(encoding.ids.begin());
        encoding.pieces.erase(encoding.pieces.begin());
        encoding.offsets.erase(encoding.offsets.begin());
        encoding.special.erase(encoding.special.begin());
        encoding.segments.erase(encoding.segments.begin());
    }
    return encoding;
}

} // namespace sinkscope
