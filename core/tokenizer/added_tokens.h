// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/tokenizer/component_specs.h"
#include "core/tokenizer/vocabulary.h"

#include <string>
#include <vector>

namespace sinkscope {

/// A token that is found in the text before anything else is done with it.
struct AddedToken {
    std::int32_t id = 0;
    std::string content;
    bool singleWord = false, stripLeft = false, stripRight = false, normalized = true, special = false;
};

/// A part of a text: either free text, or an added token.
struct TextPart {
    NormalizedText text;
    std::optional<std::int32_t> token;
};

/// Finds added tokens: the longest at the leftmost place. Immutable.
class AddedTokens {
public:
    /// From the list "added_tokens"; the contents of normalized ones pass through the normalizer first. Errors: TokenizerInvalid.
    static Result<AddedTokens> fromJson(const Json& list, const Normalizer* normalizer);

    [[nodiscard]] const std::vector<AddedToken>& tokens() const { return m_tokens; }
    /// Divides free text at the tokens that are matched before normalization (or, after it, those that are matched then).
    void divide(NormalizedText text, bool afterNormalization, std::vector<TextPart>& out) const;

private:
    struct Node {
        std::unordered_map<unsigned char, std::int32_t> next;
        std::int32_t token = -1; ///< index into m_tokens
    };
    using Trie = std::vector<Node>;
    static void insert(Trie& trie, const std::string& content, std::int32_t token);
    struct Match {
        std::size_t begin = 0, end = 0;
        std::int32_t token = -1;
    };
    static std::optional<Match> findFrom(const Trie& trie, std::string_view text, std::size_t from);

    std::vector<AddedToken> m_tokens;
    Trie m_raw{Node{}}, m_normalized{Node{}};
};

} // namespace sinkscope
