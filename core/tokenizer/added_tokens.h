// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/tokenizer/component_specs.h"
#include "core/tokenizer/token_trie.h"
#include "core/tokenizer/vocabulary.h"

#include <map>
#include <string>
#include <vector>

namespace sinkscope {

/// A token that is found in the text before anything else is done with it.
struct AddedToken {
    std::string content;
    bool singleWord = false, stripLeft = false, stripRight = false, normalized = true, special = false;
};

/// A part of a text: either free text, or an added token.
struct TextPart {
    NormalizedText text;
    std::int32_t token = -1;
};

/// Finds added tokens: the longest at the leftmost place. Immutable.
class AddedTokens {
public:
    /// From the list "added_tokens". As in the library, a token gets the model's id of its content or, if there is none, the next free one: the ids in
    /// the list are not heeded. The contents of normalized tokens pass through the normalizer first. Errors: TokenizerInvalid.
    static Result<AddedTokens> fromJson(const Json& list, const TokenizerModel& model, const Normalizer* normalizer);

    [[nodiscard]] const AddedToken* find(std::int32_t id) const;
    [[nodiscard]] std::optional<std::int32_t> idOf(std::string_view content) const;
    /// How many are not in the model's vocabulary.
    [[nodiscard]] std::size_t beyondModel() const { return m_beyondModel; }
    /// Divides free text at the tokens that are matched before normalization (or, after it, those that are matched then).
    void divide(NormalizedText text, bool afterNormalization, std::vector<TextPart>& out) const;

private:
    Result<void> index(const Normalizer* normalizer);

    std::map<std::int32_t, AddedToken> m_tokens; ///< by id
    TextMap<std::int32_t> m_ids;
    std::size_t m_beyondModel = 0;
    TokenTrie m_raw, m_normalized;
};

} // namespace sinkscope
