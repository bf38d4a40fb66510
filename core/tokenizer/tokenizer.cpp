// SPDX-License-Identifier: Apache-2.0
#include "core/tokenizer/tokenizer.h"

#include "core/tokenizer/added_tokens.h"
#include "core/tokenizer/component_specs.h"
#include "core/tokenizer/display_text.h"
#include "core/tokenizer/encode_pieces.h"
#include "core/tokenizer/encoding_edit.h"
#include "core/tokenizer/unicode.h"

#include <nlohmann/json.hpp>

#include <algorithm>

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

class JsonTokenizer : public Tokenizer {
public:
    explicit JsonTokenizer(Parts parts) : m_parts(std::move(parts)), m_bos(findBos()) {}

    [[nodiscard]] Result<Encoding> encode(std::string_view text, bool addSpecial) const override {
        if (text.size() > kMaxTextBytes)
            return Error{ErrorCode::TextTooLong, "the text has " + std::to_string(text.size()) + " bytes, above the limit of " + std::to_string(kMaxTextBytes), {}};
        if (const auto invalid = firstInvalidUtf8(text))
            return Error{ErrorCode::InvalidUtf8, "the text is not UTF-8 at byte " + std::to_string(*invalid), {}};
        SINKSCOPE_TRY(PreTokens pieces, divided(text));
        if (m_parts.preTokenizer)
            SINKSCOPE_CHECK(m_parts.preTokenizer->apply(pieces));
        SINKSCOPE_TRY(Encoding encoding, encodePieces(*m_parts.model, pieces, text));
        if (m_parts.postProcessor)
            m_parts.postProcessor->apply(encoding, addSpecial);
        return encoding;
    }

    [[nodiscard]] std::size_t vocabularySize() const override { return m_parts.model->size() + m_parts.added.beyondModel(); }
    [[nodiscard]] std::string_view kind() const override { return m_parts.model->kind(m_parts.byteLevel); }
    [[nodiscard]] std::optional<std::string> pieceOf(std::int32_t id) const override {
        if (const AddedToken* added = m_parts.added.find(id))
            return added->content;
        const auto piece = m_parts.model->pieceOf(id);
        return piece ? std::optional<std::string>(*piece) : std::nullopt;
    }
    [[nodiscard]] std::optional<std::int32_t> idOf(std::string_view piece) const override {
        const auto added = m_parts.added.idOf(piece);
        return added ? added : m_parts.model->idOf(piece);
    }
    [[nodiscard]] std::optional<std::int32_t> bosId() const override { return m_bos; }
    [[nodiscard]] std::string displayText(std::int32_t id) const override {
        const auto piece = pieceOf(id);
        if (!piece)
            return "\u27e8" + std::to_string(id) + "\u27e9";
        return displayTextOf(*piece, m_parts.added.find(id) ? PieceSpelling::Plain : m_parts.byteLevel ? PieceSpelling::ByteLevel : PieceSpelling::SentencePiece);
    }

private:
    /// Added tokens and normalized text, in order.
    [[nodiscard]] Result<PreTokens> divided(std::string_view text) const {
        std::vector<TextPart> raw, parts;
        m_parts.added.divide(NormalizedText(text, 0), false, raw);
        PreTokens pieces;
        for (TextPart& part : raw) {
            if (part.token >= 0) {
                SINKSCOPE_CHECK(pieces.append(part.text, part.token));
                continue;
            }
            if (m_parts.normalizer)
                SINKSCOPE_CHECK(m_parts.normalizer->apply(part.text));
            parts.clear();
            m_parts.added.divide(std::move(part.text), true, parts);
            for (const TextPart& inner : parts)
                SINKSCOPE_CHECK(pieces.append(inner.text, inner.token));
        }
        return pieces;
    }

    [[nodiscard]] std::optional<std::int32_t> findBos() const {
        if (m_parts.bosPiece)
            if (const auto id = idOf(*m_parts.bosPiece))
                return id;
        // Without a declaration, a template that begins with a well-known name says enough; others may begin with a language or a task.
        constexpr std::string_view kNames[] = {"<s>", "<bos>", "<|endoftext|>", "<|begin_of_text|>", "<|startoftext|>", "[CLS]"};
        const auto first = m_parts.postProcessor ? m_parts.postProcessor->firstSpecial() : std::nullopt;
        const auto piece = first ? pieceOf(*first) : std::nullopt;
        return piece && std::ranges::find(kNames, *piece) != std::end(kNames) ? first : std::nullopt;
    }

    Parts m_parts;
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
    SINKSCOPE_TRY(parts.added, AddedTokens::fromJson(memberOf(root, "added_tokens"), *parts.model, parts.normalizer.get()));
    parts.byteLevel = mentionsByteLevel(memberOf(root, "pre_tokenizer")) || mentionsByteLevel(memberOf(root, "normalizer"));
    return parts;
}

Result<std::shared_ptr<const Tokenizer>> build(const Json& root, std::optional<std::string> bosPiece, const std::filesystem::path& file) {
    auto parts = buildParts(root);
    if (!parts) {
        Error error = parts.error();
        error.file = file;
        return error;
    }
    parts->bosPiece = std::move(bosPiece);
    return std::shared_ptr<const Tokenizer>(new JsonTokenizer(std::move(*parts)));
}

} // namespace

Result<std::shared_ptr<const Tokenizer>> Tokenizer::load(const std::filesystem::path& tokenizerFile, const std::filesystem::path& configFile) {
    std::error_code ignored;
    if (tokenizerFile.empty() || !std::filesystem::exists(tokenizerFile, ignored))
        return Error{ErrorCode::TokenizerMissing, "there is no tokenizer.json", tokenizerFile};
    SINKSCOPE_TRY(const Json root, readJson(tokenizerFile, ErrorCode::TokenizerInvalid));
    return build(root, bosPieceOf(configFile), tokenizerFile);
}

Result<std::shared_ptr<const Tokenizer>> Tokenizer::parse(std::string_view json, const std::optional<std::string>& bosPiece, const std::filesystem::path& file) {
    SINKSCOPE_TRY(const Json root, parseJson(json, ErrorCode::TokenizerInvalid, file));
    return build(root, bosPiece, file);
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
