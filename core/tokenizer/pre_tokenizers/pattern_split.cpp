// SPDX-License-Identifier: Apache-2.0
#include "core/tokenizer/component_specs.h"
#include "core/tokenizer/pattern.h"
#include "core/tokenizer/split_behavior.h"

namespace sinkscope::registry_pre_tokenizers {
extern const PreTokenizerSpec pattern_split;
namespace {

/// Split: a pattern of the file's own.
class PatternPreTokenizer : public PreTokenizer {
public:
    PatternPreTokenizer(std::shared_ptr<const Regex> pattern, SplitBehavior behavior, bool inverted)
        : m_pattern(std::move(pattern)), m_behavior(behavior), m_inverted(inverted) {}

    [[nodiscard]] Result<void> apply(PreTokens& text) const override {
        if (!m_inverted)
            return text.split(m_pattern->matcher(), m_behavior);
        const auto inverted = [this](std::string_view part, std::vector<PatternMatch>& matches) -> Result<void> {
            SINKSCOPE_CHECK(m_pattern->findIn(part, matches));
            for (PatternMatch& match : matches)
                match.isMatch = !match.isMatch;
            return {};
        };
        return text.split(inverted, m_behavior);
    }

private:
    std::shared_ptr<const Regex> m_pattern;
    SplitBehavior m_behavior;
    bool m_inverted;
};

Result<std::unique_ptr<const PreTokenizer>> build(const Json& description) {
    SINKSCOPE_TRY(auto pattern, patternOf(description));
    const auto behavior = splitBehaviorOf(stringAt(description, "behavior").value_or(""));
    if (!behavior)
        return Error{ErrorCode::TokenizerInvalid, "a Split without a known \"behavior\"", {}};
    return std::unique_ptr<const PreTokenizer>(
        new PatternPreTokenizer(std::move(pattern), *behavior, booleanAt(description, "invert").value_or(false)));
}

constexpr std::string_view kTypes[] = {"Split"};

} // namespace
const PreTokenizerSpec pattern_split{{.types = kTypes, .build = build}};
} // namespace sinkscope::registry_pre_tokenizers
