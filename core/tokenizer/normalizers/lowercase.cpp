// SPDX-License-Identifier: Apache-2.0
#include "core/tokenizer/letter_case.h"
#include "core/tokenizer/component_specs.h"

namespace sinkscope::registry_normalizers {
extern const NormalizerSpec lowercase;
namespace {

class LowercaseNormalizer : public Normalizer {
public:
    [[nodiscard]] Result<void> apply(NormalizedText& text) const override {
        toLowerCase(text);
        return {};
    }
};

Result<std::unique_ptr<const Normalizer>> build(const Json&) { return std::unique_ptr<const Normalizer>(new LowercaseNormalizer); }

constexpr std::string_view kTypes[] = {"Lowercase"};

} // namespace
const NormalizerSpec lowercase{{.types = kTypes, .build = build}};
} // namespace sinkscope::registry_normalizers
