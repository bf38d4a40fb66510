// SPDX-License-Identifier: Apache-2.0
#include "core/tokenizer/component_specs.h"
#include "core/tokenizer/unicode.h"

namespace sinkscope::registry_pre_tokenizers {
extern const PreTokenizerSpec fixed_length;
namespace {

/// Parts of so many characters each.
class FixedLengthPreTokenizer : public PreTokenizer {
public:
    explicit FixedLengthPreTokenizer(std::int64_t length) : m_length(length) {}

    [[nodiscard]] Result<void> apply(PreTokens& text) const override {
        const auto matcher = [this](std::string_view part, std::vector<PatternMatch>& matches) -> Result<void> {
            for (std::size_t at = 0; at < part.size();) {
                const std::size_t begin = at;
                for (std::int64_t count = 0; count < m_length && at < part.size(); ++count)
                    at += codePointAt(part, at).bytes;
                matches.push_back({begin, at, false});
            }
            return {};
        };
        return text.split(matcher, SplitBehavior::Removed);
    }

private:
    std::int64_t m_length;
};

Result<std::unique_ptr<const PreTokenizer>> build(const Json& description) {
    const auto length = integerAt(description, "length").value_or(5);
    if (length < 1)
        return Error{ErrorCode::TokenizerInvalid, "the \"length\" of FixedLength is " + std::to_string(length), {}};
    return std::unique_ptr<const PreTokenizer>(new FixedLengthPreTokenizer(length));
}

constexpr std::string_view kTypes[] = {"FixedLength"};

} // namespace
const PreTokenizerSpec fixed_length{{.types = kTypes, .build = build}};
} // namespace sinkscope::registry_pre_tokenizers
