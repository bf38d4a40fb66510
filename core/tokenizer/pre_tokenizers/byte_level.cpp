// SPDX-License-Identifier: Apache-2.0
#include "core/tokenizer/component_specs.h"
#include "core/tokenizer/regex.h"

namespace sinkscope::registry_pre_tokenizers {
extern const PreTokenizerSpec byte_level;
namespace {

/// GPT-2's division into words: contractions, letters, numbers and other runs, each with one space before it; white space otherwise
/// keeps its last character for what follows.
constexpr const char* kWords = R"('(?:s|t|re|ve|m|ll|d)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)";

class ByteLevelPreTokenizer : public PreTokenizer {
public:
    ByteLevelPreTokenizer(bool addPrefixSpace, std::shared_ptr<const Regex> words) : m_addPrefixSpace(addPrefixSpace), m_words(std::move(words)) {}

    [[nodiscard]] Result<void> apply(PreTokens& text) const override {
        if (m_addPrefixSpace) {
            SINKSCOPE_CHECK(text.rewrite([](NormalizedText& part) -> Result<void> {
                if (!part.text().starts_with(' '))
                    part.prepend(" ");
                return {};
            }));
        }
        if (m_words)
            SINKSCOPE_CHECK(text.split(m_words->matcher(), SplitBehavior::Isolated));
        return text.toByteLevel();
    }

private:
    bool m_addPrefixSpace;
    std::shared_ptr<const Regex> m_words; ///< null: no division
};

Result<std::unique_ptr<const PreTokenizer>> build(const Json& description) {
    std::shared_ptr<const Regex> words;
    if (booleanAt(description, "use_regex").value_or(true)) {
        SINKSCOPE_TRY(words, Regex::compile(kWords));
    }
    return std::unique_ptr<const PreTokenizer>(
        new ByteLevelPreTokenizer(booleanAt(description, "add_prefix_space").value_or(true), std::move(words)));
}

constexpr std::string_view kTypes[] = {"ByteLevel"};

} // namespace
const PreTokenizerSpec byte_level{{.types = kTypes, .build = build}};
} // namespace sinkscope::registry_pre_tokenizers
