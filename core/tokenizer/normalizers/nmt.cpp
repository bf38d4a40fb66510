// SPDX-License-Identifier: Apache-2.0
#include "core/tokenizer/component_specs.h"

namespace sinkscope::registry_normalizers {
extern const NormalizerSpec nmt;
namespace {

bool isDropped(char32_t c) { return (c >= 1 && c <= 8) || c == 0xB || (c >= 0xE && c <= 0x1F) || c == 0x7F || c == 0x8F || c == 0x9F; }

bool becomesSpace(char32_t c) {
    return c == 9 || c == 0xA || c == 0xC || c == 0xD || c == 0x1680 || (c >= 0x200B && c <= 0x200F) || c == 0x2028 || c == 0x2029 || c == 0x2581 ||
           c == 0xFEFF || c == 0xFFFD;
}

/// SentencePiece's "nmt" rules: controls vanish, other spaces and marks of direction become spaces.
class NmtNormalizer : public Normalizer {
public:
    [[nodiscard]] Result<void> apply(NormalizedText& text) const override {
        text.filter([](char32_t c) { return !isDropped(c); });
        text.map([](char32_t c) { return becomesSpace(c) ? U' ' : c; });
        return {};
    }
};

Result<std::unique_ptr<const Normalizer>> build(const Json&) { return std::unique_ptr<const Normalizer>(new NmtNormalizer); }

constexpr std::string_view kTypes[] = {"Nmt"};

} // namespace
const NormalizerSpec nmt{{.types = kTypes, .build = build}};
} // namespace sinkscope::registry_normalizers
