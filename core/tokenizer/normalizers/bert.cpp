// SPDX-License-Identifier: Apache-2.0
#include "core/tokenizer/component_specs.h"
#include "core/tokenizer/letter_case.h"
#include "core/tokenizer/unicode_forms.h"

namespace sinkscope::registry_normalizers {
extern const NormalizerSpec bert;
namespace {

bool isLineSpace(char32_t c) { return c == '\t' || c == '\n' || c == '\r'; }

class BertNormalizer : public Normalizer {
public:
    explicit BertNormalizer(const Json& description)
        : m_clean(booleanAt(description, "clean_text").value_or(true)),
          m_chinese(booleanAt(description, "handle_chinese_chars").value_or(true)),
          m_lowercase(booleanAt(description, "lowercase").value_or(true)),
          m_stripAccents(booleanAt(description, "strip_accents").value_or(m_lowercase)) {}

    [[nodiscard]] Result<void> apply(NormalizedText& text) const override {
        if (m_clean)
            clean(text);
        if (m_chinese)
            spaceIdeographs(text);
        if (m_stripAccents) {
            toUnicodeForm(text, {});
            text.filter([](char32_t c) { return !isNonSpacingMark(c); });
        }
        if (m_lowercase)
            toLowerCase(text);
        return {};
    }

private:
    static void clean(NormalizedText& text) {
        text.filter([](char32_t c) { return c != 0 && c != 0xFFFD && (isLineSpace(c) || !isControl(c)); });
        text.map([](char32_t c) { return isLineSpace(c) || isWhiteSpace(c) ? U' ' : c; });
    }

    static void spaceIdeographs(NormalizedText& text) {
        std::vector<CharacterChange> changes;
        for (std::size_t at = 0; at < text.text().size();) {
            const CodePoint point = codePointAt(text.text(), at);
            at += point.bytes;
            if (isCjkIdeograph(point.value))
                changes.insert(changes.end(), {{U' ', 0}, {point.value, 1}, {U' ', 1}});
            else
                changes.push_back({point.value, 0});
        }
        text.transform(changes);
    }

    bool m_clean, m_chinese, m_lowercase, m_stripAccents;
};

Result<std::unique_ptr<const Normalizer>> build(const Json& description) {
    return std::unique_ptr<const Normalizer>(new BertNormalizer(description));
}

constexpr std::string_view kTypes[] = {"BertNormalizer"};

} // namespace
const NormalizerSpec bert{{.types = kTypes, .build = build}};
} // namespace sinkscope::registry_normalizers
