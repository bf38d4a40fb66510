// SPDX-License-Identifier: Apache-2.0
#include "core/tokenizer/component_specs.h"

namespace sinkscope::registry_pre_tokenizers {
extern const PreTokenizerSpec metaspace;
namespace {

enum class PrependScheme { Always, First, Never };

/// Spaces become a visible character (SentencePiece's U+2581), one may be put in front, and words begin at it.
class MetaspacePreTokenizer : public PreTokenizer {
public:
    MetaspacePreTokenizer(std::string replacement, PrependScheme scheme, bool splits)
        : m_replacement(std::move(replacement)), m_character(codePointAt(m_replacement, 0).value), m_scheme(scheme), m_splits(splits) {}

    [[nodiscard]] Result<void> apply(PreTokens& text) const override {
        SINKSCOPE_CHECK(text.rewrite([this](NormalizedText& part) { return respell(part); }));
        if (!m_splits)
            return {};
        const auto matcher = [this](std::string_view part, std::vector<PatternMatch>& matches) -> Result<void> {
            matchLiteral(part, m_replacement, matches);
            return {};
        };
        return text.split(matcher, SplitBehavior::MergedWithNext);
    }

private:
    [[nodiscard]] Result<void> respell(NormalizedText& part) const {
        std::vector<PatternMatch> spaces;
        matchLiteral(part.text(), " ", spaces);
        SINKSCOPE_CHECK(part.replace(spaces, m_replacement));
        const bool wanted = m_scheme == PrependScheme::Always || (m_scheme == PrependScheme::First && part.originalBegin() == 0);
        if (wanted && !part.text().starts_with(m_replacement))
            part.prepend(m_replacement);
        return {};
    }

    std::string m_replacement;
    char32_t m_character;
    PrependScheme m_scheme;
    bool m_splits;
};

Result<PrependScheme> schemeOf(const Json& description) {
    const auto scheme = stringAt(description, "prepend_scheme");
    if (!scheme) // before the scheme there was a switch
        return booleanAt(description, "add_prefix_space").value_or(true) ? PrependScheme::Always : PrependScheme::Never;
    if (*scheme == "always")
        return PrependScheme::Always;
    if (*scheme == "first")
        return PrependScheme::First;
    if (*scheme == "never")
        return PrependScheme::Never;
    return Error{ErrorCode::TokenizerUnsupported, "Metaspace prepend_scheme \"" + *scheme + "\" is not supported", {}};
}

Result<std::unique_ptr<const PreTokenizer>> build(const Json& description) {
    const std::string replacement = stringAt(description, "replacement").value_or("\u2581");
    if (replacement.empty() || codePointAt(replacement, 0).bytes != replacement.size())
        return Error{ErrorCode::TokenizerInvalid, "the replacement of Metaspace is not one character", {}};
    SINKSCOPE_TRY(const PrependScheme scheme, schemeOf(description));
    return std::unique_ptr<const PreTokenizer>(new MetaspacePreTokenizer(replacement, scheme, booleanAt(description, "split").value_or(true)));
}

constexpr std::string_view kTypes[] = {"Metaspace"};

} // namespace
const PreTokenizerSpec metaspace{{.types = kTypes, .build = build}};
} // namespace sinkscope::registry_pre_tokenizers
