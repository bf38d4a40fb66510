// SPDX-License-Identifier: Apache-2.0
#include "core/tokenizer/component_specs.h"

namespace sinkscope::registry_normalizers {
extern const NormalizerSpec strip_accents;
namespace {

/// Removes combining marks; a decomposing form usually comes before it.
class StripAccentsNormalizer : public Normalizer {
public:
    [[nodiscard]] Result<void> apply(NormalizedText& text) const override {
        text.filter([](char32_t c) { return !isMark(c); });
        return {};
    }
};

Result<std::unique_ptr<const Normalizer>> build(const Json&) { return std::unique_ptr<const Normalizer>(new StripAccentsNormalizer); }

constexpr std::string_view kTypes[] = {"StripAccents"};

} // namespace
const NormalizerSpec strip_accents{{.types = kTypes, .build = build}};
} // namespace sinkscope::registry_normalizers
