// SPDX-License-Identifier: Apache-2.0
#include "core/tokenizer/component_specs.h"
#include "core/tokenizer/pattern.h"
#include "core/tokenizer/split_behavior.h"

namespace sinkscope::registry_pre_tokenizers {
extern const PreTokenizerSpec pattern_split;
namespace {

/// Split (a pattern of the file's own) and Whitespace (words and runs of other visible characters).
class PatternPreTokenizer : public PreTokenizer {
public:
    PatternPreTokenizer(std::shared_ptr<const Regex> pattern, SplitBehavior behavior, bool inverted)
        : m_pattern(std::move(pattern)), m_behavior(behavior), m_inverted(inverted) {}

    [[nodiscard]] Result<void> split(NormalizedText text, std::vector<NormalizedText>& out) const override {
        SINKSCOPE_TRY(auto matches, m_pattern->matchesIn(text.text()));
        if (m_inverted)
            invertMatches(matches);
        text.splitInto(matches, m_behavior, out);
        return {};
    }

private:
    std::shared_ptr<const Regex> m_pattern;
    SplitBehavior m_behavior;
    bool m_inverted;
};

Result<std::unique_ptr<const PreTokenizer>> build(const Json& description) {
    if (stringAt(description, "type") == "Whitespace") {
        SINKSCOPE_TRY(auto words, Regex::compile(R"(\w+|[^\w\s]+)"));
        return std::unique_ptr<const PreTokenizer>(new PatternPreTokenizer(std::move(words), SplitBehavior::Removed, true));
    }
    SINKSCOPE_TRY(auto pattern, patternOf(description));
    const auto behavior = splitBehaviorOf(stringAt(description, "behavior").value_or(""));
    if (!behavior)
        return Error{ErrorCode::TokenizerInvalid, "a Split without a known \"behavior\"", {}};
    return std::unique_ptr<const PreTokenizer>(
        new PatternPreTokenizer(std::move(pattern), *behavior, booleanAt(description, "invert").value_or(false)));
}

constexpr std::string_view kTypes[] = {"Split", "Whitespace"};

} // namespace
const PreTokenizerSpec pattern_split{{.types = kTypes, .build = build}};
} // namespace sinkscope::registry_pre_tokenizers
