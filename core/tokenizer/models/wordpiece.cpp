// SPDX-License-Identifier: Apache-2.0
#include "core/tokenizer/component_specs.h"
#include "core/tokenizer/unicode.h"
#include "core/tokenizer/vocabulary.h"

#include <nlohmann/json.hpp>

namespace sinkscope::registry_tokenizer_models {
extern const TokenizerModelSpec wordpiece;
namespace {

/// Greedy longest match from the left (Wu et al. 2016, as BERT uses it); a word that cannot be covered is unknown as a whole.
class WordPieceModel : public TokenizerModel {
public:
    WordPieceModel(Vocabulary vocabulary, std::int32_t unknown, std::string prefix, std::size_t maxCharacters)
        : m_vocabulary(std::move(vocabulary)), m_unknown(unknown), m_prefix(std::move(prefix)), m_maxCharacters(maxCharacters) {}

    [[nodiscard]] Result<void> tokenize(std::string_view word, std::vector<ModelToken>& out) const override {
        const std::size_t before = out.size();
        const bool covered = characterCount(word) <= m_maxCharacters && cover(word, out);
        if (!covered) {
            out.resize(before);
            out.push_back({m_unknown, 0, static_cast<std::uint32_t>(word.size())});
        }
        return {};
    }

    [[nodiscard]] std::optional<std::int32_t> idOf(std::string_view piece) const override { return m_vocabulary.idOf(piece); }
    [[nodiscard]] std::optional<std::string_view> pieceOf(std::int32_t id) const override { return m_vocabulary.pieceOf(id); }
    [[nodiscard]] std::size_t size() const override { return m_vocabulary.size(); }
    [[nodiscard]] std::string_view kind(bool) const override { return "WordPiece"; }

private:
    static std::size_t characterCount(std::string_view word) {
        std::size_t count = 0;
        for (const char byte : word)
            count += (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U ? 1 : 0;
        return count;
    }

    bool cover(std::string_view word, std::vector<ModelToken>& out) const {
        std::string candidate;
        for (std::size_t begin = 0; begin < word.size();) {
            // No piece is longer than the longest one: what is beyond need not be tried.
            std::size_t end = boundaryAtMost(word, begin + m_vocabulary.longestPiece());
            std::optional<std::int32_t> id;
            for (; end > begin; end = previousBoundary(word, end)) {
                candidate.assign(begin > 0 ? m_prefix : std::string()).append(word.substr(begin, end - begin));
                if ((id = m_vocabulary.idOf(candidate)))
                    break;
            }
            if (!id)
                return false;
            out.push_back({*id, static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end)});
            begin = end;
        }
        return true;
    }

    static std::size_t boundaryAtMost(std::string_view word, std::size_t at) {
        return at < word.size() ? previousBoundary(word, at + 1) : word.size();
    }

    static std::size_t previousBoundary(std::string_view word, std::size_t at) {
        do
            --at;
        while (at > 0 && (static_cast<unsigned char>(word[at]) & 0xC0U) == 0x80U);
        return at;
    }

    Vocabulary m_vocabulary;
    std::int32_t m_unknown;
    std::string m_prefix;
    std::size_t m_maxCharacters;
};

Result<std::unique_ptr<const TokenizerModel>> build(const Json& description) {
    const auto vocabularyJson = description.find("vocab");
    if (vocabularyJson == description.end())
        return Error{ErrorCode::TokenizerInvalid, "a WordPiece model without \"vocab\"", {}};
    SINKSCOPE_TRY(auto vocabulary, Vocabulary::fromJson(*vocabularyJson));
    const std::string unknown = stringAt(description, "unk_token").value_or("[UNK]");
    const auto unknownId = vocabulary.idOf(unknown);
    if (!unknownId)
        return Error{ErrorCode::TokenizerInvalid, "unk_token \"" + unknown + "\" is not in the vocabulary", {}};
    const auto most = integerAt(description, "max_input_chars_per_word").value_or(100);
    if (most < 1)
        return Error{ErrorCode::TokenizerInvalid, "max_input_chars_per_word is " + std::to_string(most), {}};
    return std::unique_ptr<const TokenizerModel>(
        new WordPieceModel(std::move(vocabulary), *unknownId, stringAt(description, "continuing_subword_prefix").value_or("##"), static_cast<std::size_t>(most)));
}

constexpr std::string_view kTypes[] = {"WordPiece"};

} // namespace
const TokenizerModelSpec wordpiece{{.types = kTypes, .build = build}};
} // namespace sinkscope::registry_tokenizer_models
