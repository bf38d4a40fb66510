// SPDX-License-Identifier: Apache-2.0
#include "core/tokenizer/component_specs.h"
#include "core/tokenizer/split_behavior.h"

namespace sinkscope::registry_pre_tokenizers {
extern const PreTokenizerSpec character_class;
namespace {

struct Step {
    bool (*matches)(char32_t);
    SplitBehavior behavior;
};

/// Splits at characters of a class, or of two classes one after the other.
class ClassPreTokenizer : public PreTokenizer {
public:
    explicit ClassPreTokenizer(std::vector<Step> steps) : m_steps(std::move(steps)) {}

    [[nodiscard]] Result<void> apply(PreTokens& text) const override {
        for (const Step& step : m_steps)
            SINKSCOPE_CHECK(text.splitAt(step.matches, step.behavior));
        return {};
    }

private:
    std::vector<Step> m_steps;
};

Result<std::vector<Step>> stepsOf(const Json& description) {
    const std::string type = *stringAt(description, "type");
    if (type == "WhitespaceSplit")
        return std::vector<Step>{{isWhiteSpace, SplitBehavior::Removed}};
    if (type == "BertPreTokenizer")
        return std::vector<Step>{{isWhiteSpace, SplitBehavior::Removed}, {isPunctuation, SplitBehavior::Isolated}};
    if (type == "Digits") {
        const bool individual = booleanAt(description, "individual_digits").value_or(false);
        return std::vector<Step>{{isNumeric, individual ? SplitBehavior::Isolated : SplitBehavior::Contiguous}};
    }
    const auto behavior = splitBehaviorOf(stringAt(description, "behavior").value_or("Isolated"));
    if (!behavior)
        return Error{ErrorCode::TokenizerInvalid, "Punctuation with an unknown \"behavior\"", {}};
    return std::vector<Step>{{isPunctuation, *behavior}};
}

Result<std::unique_ptr<const PreTokenizer>> build(const Json& description) {
    SINKSCOPE_TRY(auto steps, stepsOf(description));
    return std::unique_ptr<const PreTokenizer>(new ClassPreTokenizer(std::move(steps)));
}

constexpr std::string_view kTypes[] = {"WhitespaceSplit", "BertPreTokenizer", "Digits", "Punctuation"};

} // namespace
const PreTokenizerSpec character_class{{.types = kTypes, .build = build}};
} // namespace sinkscope::registry_pre_tokenizers
