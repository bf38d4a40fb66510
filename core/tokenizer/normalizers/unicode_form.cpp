// SPDX-License-Identifier: Apache-2.0
#include "core/tokenizer/unicode_forms.h"
#include "core/tokenizer/component_specs.h"

namespace sinkscope::registry_normalizers {
extern const NormalizerSpec unicode_form;
namespace {

class FormNormalizer : public Normalizer {
public:
    explicit FormNormalizer(UnicodeForm form) : m_form(form) {}
    [[nodiscard]] Result<void> apply(NormalizedText& text) const override {
        toUnicodeForm(text, m_form);
        return {};
    }

private:
    UnicodeForm m_form;
};

Result<std::unique_ptr<const Normalizer>> build(const Json& description) {
    const std::string type = *stringAt(description, "type");
    const UnicodeForm form{.compatible = type[2] == 'K', .composed = type.back() == 'C'};
    return std::unique_ptr<const Normalizer>(new FormNormalizer(form));
}

constexpr std::string_view kTypes[] = {"NFC", "NFD", "NFKC", "NFKD"};

} // namespace
const NormalizerSpec unicode_form{{.types = kTypes, .build = build}};
} // namespace sinkscope::registry_normalizers
