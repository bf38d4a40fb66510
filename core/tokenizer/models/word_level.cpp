// SPDX-License-Identifier: Apache-2.0
#include "core/tokenizer/component_specs.h"
#include "core/tokenizer/vocabulary.h"

#include <nlohmann/json.hpp>

namespace sinkscope::registry_tokenizer_models {
extern const TokenizerModelSpec word_level;
namespace {

/// Every word is a token of its own, or unknown.
class WordLevelModel : public TokenizerModel {
public:
    WordLevelModel(Vocabulary vocabulary, std::optional<std::int32_t> unknown) : m_vocabulary(std::move(vocabulary)), m_unknown(unknown) {}

    [[nodiscard]] Result<void> tokenize(std::string_view word, std::vector<ModelToken>& out) const override {
        auto id = m_vocabulary.idOf(word);
        if (!id && !(id = m_unknown))
            return Error{ErrorCode::TokenizerInvalid, "a word is not in the vocabulary, and the WordLevel model's \"unk_token\" is not either", {}};
        out.push_back({*id, 0, static_cast<std::uint32_t>(word.size())});
        return {};
    }

    [[nodiscard]] std::optional<std::int32_t> idOf(std::string_view piece) const override { return m_vocabulary.idOf(piece); }
    [[nodiscard]] std::optional<std::string_view> pieceOf(std::int32_t id) const override { return m_vocabulary.pieceOf(id); }
    [[nodiscard]] std::size_t size() const override { return m_vocabulary.size(); }
    [[nodiscard]] std::string_view kind(bool) const override { return "WordLevel"; }

private:
    Vocabulary m_vocabulary;
    std::optional<std::int32_t> m_unknown;
};

Result<std::unique_ptr<const TokenizerModel>> build(const Json& description) {
    const auto vocabularyJson = description.find("vocab");
    if (vocabularyJson == description.end())
        return Error{ErrorCode::TokenizerInvalid, "a WordLevel model without \"vocab\"", {}};
    SINKSCOPE_TRY(auto vocabulary, Vocabulary::fromJson(*vocabularyJson));
    const auto unknown = vocabulary.idOf(stringAt(description, "unk_token").value_or("<unk>"));
    return std::unique_ptr<const TokenizerModel>(new WordLevelModel(std::move(vocabulary), unknown));
}

constexpr std::string_view kTypes[] = {"WordLevel"};

} // namespace
const TokenizerModelSpec word_level{{.types = kTypes, .build = build}};
} // namespace sinkscope::registry_tokenizer_models
