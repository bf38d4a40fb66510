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

    [[nodiscard]] Result<void> split(NormalizedText text, std::vector<NormalizedText>& out) const override {
        std::vector<NormalizedText> pieces, next;
        pieces.push_back(std::move(text));
        for (const Step& step : m_steps) {
            next.clear();
            for (const NormalizedText& piece : pieces)
                piece.splitInto(piece.matchesOf(step.matches), step.behavior, next);
            pieces.swap(next);
        }
        std::move(pieces.begin(), pieces.end(), std::back_inserter(out));
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
