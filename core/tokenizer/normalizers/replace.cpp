// SPDX-License-Identifier: Apache-2.0
#include "core/tokenizer/component_specs.h"
#include "core/tokenizer/pattern.h"

namespace sinkscope::registry_normalizers {
extern const NormalizerSpec replace;
namespace {

class ReplaceNormalizer : public Normalizer {
public:
    ReplaceNormalizer(std::shared_ptr<const Regex> pattern, std::string content) : m_pattern(std::move(pattern)), m_content(std::move(content)) {}
    [[nodiscard]] Result<void> apply(NormalizedText& text) const override {
        std::vector<PatternMatch> matches;
        SINKSCOPE_CHECK(m_pattern->findIn(text.text(), matches));
        return text.replace(matches, m_content);
    }

private:
    std::shared_ptr<const Regex> m_pattern;
    std::string m_content;
};

Result<std::unique_ptr<const Normalizer>> build(const Json& description) {
    SINKSCOPE_TRY(auto pattern, patternOf(description));
    auto content = stringAt(description, "content");
    if (!content)
        return Error{ErrorCode::TokenizerInvalid, "a Replace normalizer without \"content\"", {}};
    return std::unique_ptr<const Normalizer>(new ReplaceNormalizer(std::move(pattern), std::move(*content)));
}

constexpr std::string_view kTypes[] = {"Replace"};

} // namespace
const NormalizerSpec replace{{.types = kTypes, .build = build}};
} // namespace sinkscope::registry_normalizers
