// SPDX-License-Identifier: Apache-2.0
#include "core/tokenizer/component_specs.h"
#include "core/tokenizer/unicode.h"

namespace sinkscope::registry_pre_tokenizers {
extern const PreTokenizerSpec char_delimiter;
namespace {

/// Divides at one character, which is dropped.
class CharDelimiterPreTokenizer : public PreTokenizer {
public:
    explicit CharDelimiterPreTokenizer(std::string delimiter) : m_delimiter(std::move(delimiter)) {}

    [[nodiscard]] Result<void> apply(PreTokens& text) const override {
        const auto matcher = [this](std::string_view part, std::vector<PatternMatch>& matches) -> Result<void> {
            matchLiteral(part, m_delimiter, matches);
            return {};
        };
        return text.split(matcher, SplitBehavior::Removed);
    }

private:
    std::string m_delimiter;
};

Result<std::unique_ptr<const PreTokenizer>> build(const Json& description) {
    auto delimiter = stringAt(description, "delimiter").value_or("");
    if (delimiter.empty() || codePointAt(delimiter, 0).bytes != delimiter.size())
        return Error{ErrorCode::TokenizerInvalid, "the \"delimiter\" of CharDelimiterSplit is not one character", {}};
    return std::unique_ptr<const PreTokenizer>(new CharDelimiterPreTokenizer(std::move(delimiter)));
}

constexpr std::string_view kTypes[] = {"CharDelimiterSplit"};

} // namespace
const PreTokenizerSpec char_delimiter{{.types = kTypes, .build = build}};
} // namespace sinkscope::registry_pre_tokenizers
