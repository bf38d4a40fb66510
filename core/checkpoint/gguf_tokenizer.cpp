// SPDX-License-Identifier: Apache-2.0
// The tokenizer inside a GGUF file, said again as the tokenizer.json that the model was published with: whatever reads that reads this.
#include "core/base/base64.h"
#include "core/base/printable.h"
#include "core/checkpoint/gguf_assemble.h"
#include "core/checkpoint/gguf_pieces.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

namespace sinkscope {
namespace {

constexpr std::string_view kSpaceMark = "\u2581";

Json patternSplit(std::string_view pattern) {
    return {{"type", "Split"}, {"pattern", {{"Regex", pattern}}}, {"behavior", "Isolated"}, {"invert", false}};
}
Json byteLevel(bool usesRegex) { return {{"type", "ByteLevel"}, {"add_prefix_space", false}, {"trim_offsets", true}, {"use_regex", usesRegex}}; }
Json sequence(Json first, Json second) { return {{"type", "Sequence"}, {"pretokenizers", Json::array({std::move(first), std::move(second)})}}; }

Json addedToken(std::size_t id, std::string_view content, bool special) {
    return {{"id", id}, {"content", content}, {"single_word", false}, {"lstrip", false}, {"rstrip", false}, {"normalized", false}, {"special", special}};
}

class TokenizerWriter {
public:
    TokenizerWriter(const GgufHeader& header, const std::filesystem::path& file) : m_header(header), m_file(file) {}

    Result<TokenizerText> write() {
        SINKSCOPE_CHECK(readPieces());
        const std::string_view kind = textAt("model");
        if (kind == "llama")
            SINKSCOPE_CHECK(sentencePiece());
        else if (kind == "gpt2")
            SINKSCOPE_CHECK(byteLevelBpe());
        else if (kind == "bert")
            SINKSCOPE_CHECK(wordPiece());
        else if (kind == "t5")
            SINKSCOPE_CHECK(unigram());
        else
            return Error{ErrorCode::TokenizerUnsupported, "tokenizer.ggml.model = '" + printable(kind, 40) + "': llama, gpt2, bert and t5 are read", m_file};
        TokenizerText text;
        text.json = m_json.dump(-1, ' ', false, Json::error_handler_t::replace);
        if (const auto bos = tokenId("bos_token_id", m_bosDefault))
            text.bosPiece = m_pieces.texts[*bos];
        return text;
    }

private:
    [[nodiscard]] const GgufValue* at(std::string_view key) const { return m_header.find("tokenizer.ggml." + std::string(key)); }
    [[nodiscard]] std::string_view textAt(std::string_view key) const {
        const GgufValue* value = at(key);
        return value ? value->text().value_or("") : "";
    }
    [[nodiscard]] bool flagAt(std::string_view key, bool absent) const {
        const GgufValue* value = at(key);
        return value ? value->boolean().value_or(absent) : absent;
    }
    /// A token's id, if it is one of the vocabulary. `absent` below 0: there is none.
    [[nodiscard]] std::optional<std::size_t> tokenId(std::string_view key, std::int64_t absent) const {
        const GgufValue* value = at(key);
        const std::int64_t id = value ? value->integer().value_or(-1) : absent;
        return id >= 0 && static_cast<std::size_t>(id) < m_pieces.texts.size() ? std::optional(static_cast<std::size_t>(id)) : std::nullopt;
    }
    [[nodiscard]] Error invalid(const std::string& what) const { return {ErrorCode::TokenizerInvalid, what, m_file}; }

    Result<void> readPieces() {
        const GgufValue *tokens = at("tokens"), *types = at("token_type"), *scores = at("scores");
        const auto texts = tokens ? tokens->texts() : std::nullopt;
        if (!texts || texts->empty())
            return invalid("there is no list tokenizer.ggml.tokens");
        m_pieces.texts.assign(texts->begin(), texts->end());
        m_pieces.kinds.assign(texts->size(), PieceKind::Normal);
        if (const auto kinds = types ? types->numbers() : std::nullopt) {
            if (kinds->size() != texts->size())
                return invalid("tokenizer.ggml.token_type has " + std::to_string(kinds->size()) + " entries for " + std::to_string(texts->size()) + " tokens");
            std::ranges::transform(*kinds, m_pieces.kinds.begin(), [](double kind) { return kind >= 0 && kind <= 6 ? static_cast<PieceKind>(kind) : PieceKind::Normal; });
        }
        if (auto numbers = scores ? scores->numbers() : std::nullopt) {
            if (numbers->size() != texts->size())
                return invalid("tokenizer.ggml.scores has " + std::to_string(numbers->size()) + " entries for " + std::to_string(texts->size()) + " tokens");
            m_pieces.scores = *std::move(numbers);
        }
        m_json = {{"version", "1.0"}, {"truncation", nullptr}, {"padding", nullptr}, {"normalizer", nullptr}, {"pre_tokenizer", nullptr},
                  {"post_processor", nullptr}, {"decoder", nullptr}, {"added_tokens", Json::array()}};
        for (std::size_t id = 0; id < m_pieces.texts.size(); ++id) {
            const PieceKind kind = m_pieces.kinds[id];
            if (kind == PieceKind::Control || kind == PieceKind::UserDefined || (kind == PieceKind::Unknown && !m_pieces.texts[id].empty()))
                m_json["added_tokens"].push_back(addedToken(id, m_pieces.texts[id], kind != PieceKind::UserDefined));
        }
        return {};
    }

    Json vocabulary() const {
        Json vocabulary = Json::object();
        for (std::size_t id = 0; id < m_pieces.texts.size(); ++id)
            vocabulary.emplace(m_pieces.texts[id], id);
        return vocabulary;
    }
    /// Single texts only: nothing here encodes pairs.
    void frame(std::optional<std::size_t> before, std::optional<std::size_t> after) {
        if (!before && !after)
            return;
        Json single = Json::array(), tokens = Json::object();
        const auto add = [&](std::size_t id) {
            const std::string& piece = m_pieces.texts[id];
            single.push_back({{"SpecialToken", {{"id", piece}, {"type_id", 0}}}});
            tokens[piece] = {{"id", piece}, {"ids", {id}}, {"tokens", {piece}}};
        };
        if (before)
            add(*before);
        single.push_back({{"Sequence", {{"id", "A"}, {"type_id", 0}}}});
        if (after)
            add(*after);
        Json pair = single;
        pair.push_back({{"Sequence", {{"id", "B"}, {"type_id", 1}}}});
        m_json["post_processor"] = {{"type", "TemplateProcessing"}, {"single", single}, {"pair", pair}, {"special_tokens", tokens}};
    }
    void frameBySwitches(bool addsBos, std::int64_t eosDefault, bool addsEos = false) {
        std::optional<std::size_t> before, after;
        if (flagAt("add_bos_token", addsBos))
            before = tokenId("bos_token_id", m_bosDefault);
        if (flagAt("add_eos_token", addsEos))
            after = tokenId("eos_token_id", eosDefault);
        frame(before, after);
    }

    Result<void> sentencePiece() {
        if (m_pieces.scores.empty())
            return invalid("there is no list tokenizer.ggml.scores");
        m_bosDefault = 1;
        const Json marks = {{"type", "Replace"}, {"pattern", {{"String", " "}}}, {"content", kSpaceMark}};
        const Json prepend = {{"type", "Prepend"}, {"prepend", kSpaceMark}};
        m_json["normalizer"] = flagAt("add_space_prefix", true) ? Json{{"type", "Sequence"}, {"normalizers", Json::array({prepend, marks})}} : marks;
        Json merges = Json::array();
        for (const auto& [left, right] : mergesByScore(m_pieces))
            merges.push_back(Json::array({left, right}));
        const auto unknown = tokenId("unknown_token_id", 0);
        m_json["model"] = {{"type", "BPE"}, {"dropout", nullptr}, {"unk_token", unknown ? Json(m_pieces.texts[*unknown]) : Json()},
                           {"continuing_subword_prefix", nullptr}, {"end_of_word_suffix", nullptr}, {"fuse_unk", true}, {"byte_fallback", true},
                           {"ignore_merges", false}, {"vocab", vocabulary()}, {"merges", std::move(merges)}};
        frameBySwitches(true, 2);
        return {};
    }

    Result<void> byteLevelBpe() {
        SINKSCOPE_TRY(const BytePattern pattern, patternOf());
        if (pattern.composed)
            m_json["normalizer"] = {{"type", "NFC"}};
        m_json["pre_tokenizer"] = pattern.digits ? sequence({{"type", "Digits"}, {"individual_digits", true}}, byteLevel(true))
                                  : pattern.regex.empty() ? byteLevel(true)
                                                          : sequence(patternSplit(pattern.regex), byteLevel(false));
        const GgufValue* list = at("merges");
        const auto pairs = list ? list->texts() : std::nullopt;
        if (!pairs)
            return invalid("there is no list tokenizer.ggml.merges");
        Json merges = Json::array();
        for (const std::string_view pair : *pairs) {
            const auto space = pair.find(' ', 1);
            if (space == std::string_view::npos || space + 1 == pair.size())
                return invalid("merge '" + printable(pair, 40) + "' is no pair");
            merges.push_back(Json::array({pair.substr(0, space), pair.substr(space + 1)}));
        }
        m_json["model"] = {{"type", "BPE"}, {"dropout", nullptr}, {"unk_token", nullptr}, {"continuing_subword_prefix", nullptr},
                           {"end_of_word_suffix", nullptr}, {"fuse_unk", false}, {"byte_fallback", false}, {"ignore_merges", pattern.ignoresMerges},
                           {"vocab", vocabulary()}, {"merges", std::move(merges)}};
        frameBySwitches(pattern.addsBos, -1);
        return {};
    }

    /// Files from before there were names for patterns have none; the architectures that only ever used GPT-2's are read as such.
    Result<BytePattern> patternOf() const {
        std::string_view name = textAt("pre");
        const GgufValue* arch = m_header.find("general.architecture");
        const std::string_view architecture = arch ? arch->text().value_or("") : "";
        if ((name.empty() || name == "default") && (architecture == "gpt2" || architecture == "gptneox" || architecture == "phi2"))
            name = "gpt-2";
        if (const auto known = bytePattern(name))
            return *known;
        return Error{ErrorCode::TokenizerUnsupported, "tokenizer.ggml.pre = '" + printable(name, 40) + "': this way of cutting words is not known here", m_file};
    }

    Result<void> wordPiece() {
        asWordPieces(m_pieces);
        const bool lowercase = std::ranges::none_of(m_pieces.texts, [](const std::string& piece) {
            return !piece.starts_with('[') && std::ranges::any_of(piece, [](char c) { return c >= 'A' && c <= 'Z'; });
        });
        const auto unknown = tokenId("unknown_token_id", 100), cls = tokenId(at("cls_token_id") ? "cls_token_id" : "bos_token_id", 101),
                   end = tokenId("seperator_token_id", 102);
        if (!unknown)
            return invalid("there is no unknown token");
        m_json["normalizer"] = {{"type", "BertNormalizer"}, {"clean_text", true}, {"handle_chinese_chars", true}, {"strip_accents", nullptr}, {"lowercase", lowercase}};
        m_json["pre_tokenizer"] = {{"type", "BertPreTokenizer"}};
        m_json["model"] = {{"type", "WordPiece"}, {"unk_token", m_pieces.texts[*unknown]}, {"continuing_subword_prefix", "##"},
                           {"max_input_chars_per_word", 100}, {"vocab", vocabulary()}};
        frame(cls, end);
        return {};
    }

    /// SentencePiece's Unigram, as T5 and XLM-R were published with: its character map, then words, each with a mark in front.
    Result<void> unigram() {
        const auto unknown = tokenId("unknown_token_id", 2);
        if (m_pieces.scores.empty() || !unknown)
            return invalid(m_pieces.scores.empty() ? "there is no list tokenizer.ggml.scores" : "there is no unknown token");
        if (!std::ranges::all_of(m_pieces.scores, [](double score) { return std::isfinite(score); }))
            return invalid("tokenizer.ggml.scores has what is no number");
        if (const GgufValue* map = at("precompiled_charsmap"); map && map->count > 0) {
            const bool bytes = map->type == GgufType::Array && (map->elementType == GgufType::U8 || map->elementType == GgufType::I8);
            if (!bytes)
                return invalid("tokenizer.ggml.precompiled_charsmap is no list of bytes");
            m_json["normalizer"] = {{"type", "Precompiled"}, {"precompiled_charsmap", encodeBase64({reinterpret_cast<const char*>(map->payload.data()), map->payload.size()})}};
        }
        const bool words = flagAt("remove_extra_whitespaces", true);
        const Json marks = {{"type", "Metaspace"}, {"replacement", kSpaceMark}, {"prepend_scheme", flagAt("add_space_prefix", true) ? "always" : "never"}, {"split", words}};
        m_json["pre_tokenizer"] = words ? sequence({{"type", "WhitespaceSplit"}}, marks) : marks;
        Json vocabulary = Json::array();
        for (std::size_t id = 0; id < m_pieces.texts.size(); ++id) { // converters give what is no piece of text a score far below all others
            const bool ordinary = m_pieces.kinds[id] == PieceKind::Normal || m_pieces.kinds[id] == PieceKind::UserDefined;
            vocabulary.push_back(Json::array({m_pieces.texts[id], ordinary ? m_pieces.scores[id] : 0.0}));
        }
        m_json["model"] = {{"type", "Unigram"}, {"unk_id", *unknown}, {"byte_fallback", std::ranges::find(m_pieces.kinds, PieceKind::Byte) != m_pieces.kinds.end()},
                           {"vocab", std::move(vocabulary)}};
        frameBySwitches(false, 1, true);
        return {};
    }

    const GgufHeader& m_header;
    const std::filesystem::path& m_file;
    Pieces m_pieces;
    Json m_json;
    std::int64_t m_bosDefault = -1;
};

} // namespace

Result<TokenizerText> ggufTokenizer(const GgufHeader& header, const std::filesystem::path& file) { return TokenizerWriter(header, file).write(); }

} // namespace sinkscope
