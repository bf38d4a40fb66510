// SPDX-License-Identifier: Apache-2.0
#include "core/tokenizer/byte_level_text.h"
#include "core/tokenizer/component_specs.h"

namespace sinkscope::registry_normalizers {
extern const NormalizerSpec byte_level;
namespace {

class ByteLevelNormalizer : public Normalizer {
public:
    [[nodiscard]] Result<void> apply(NormalizedText& text) const override {
        toByteLevel(text);
        return {};
    }
};

Result<std::unique_ptr<const Normalizer>> build(const Json&) { return std::unique_ptr<const Normalizer>(new ByteLevelNormalizer); }

constexpr std::string_view kTypes[] = {"ByteLevel"};

} // namespace
const NormalizerSpec byte_level{{.types = kTypes, .build = build}};
} // namespace sinkscope::registry_normalizers
