// SPDX-License-Identifier: Apache-2.0
#include "core/tokenizer/tokenizer.h"

#include "core/tokenizer/encoding_edit.h"
#include "core/tokenizer/open_tokenizer.h"
#include "core/tokenizer/pipeline.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace sinkscope {
namespace {

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

Result<TokenizerParts> buildParts(const Json& root) {
    if (!root.is_object())
        return Error{ErrorCode::TokenizerInvalid, "not a JSON object", {}};
    TokenizerParts parts;
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

} // namespace

Result<std::shared_ptr<const Tokenizer>> tokenizerFromJson(const Json& description, std::optional<std::string> bosPiece, const std::filesystem::path& file) {
    auto parts = buildParts(description);
    if (!parts) {
        Error error = parts.error();
        error.file = file;
        return error;
    }
    parts->bosPiece = std::move(bosPiece);
    return makePipeline(std::move(*parts));
}

Result<std::shared_ptr<const Tokenizer>> Tokenizer::load(const std::filesystem::path& tokenizerFile, const std::filesystem::path& configFile) {
    std::error_code ignored;
    if (tokenizerFile.empty() || !std::filesystem::exists(tokenizerFile, ignored))
        return Error{ErrorCode::TokenizerMissing, "there is no tokenizer.json", tokenizerFile};
    SINKSCOPE_TRY(const Json root, readJson(tokenizerFile, ErrorCode::TokenizerInvalid));
    return tokenizerFromJson(root, bosPieceOf(configFile), tokenizerFile);
}

Result<std::shared_ptr<const Tokenizer>> Tokenizer::parse(std::string_view json, const std::optional<std::string>& bosPiece, const std::filesystem::path& file) {
    SINKSCOPE_TRY(const Json root, parseJson(json, ErrorCode::TokenizerInvalid, file));
    return tokenizerFromJson(root, bosPiece, file);
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
