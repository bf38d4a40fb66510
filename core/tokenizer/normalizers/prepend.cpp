// SPDX-License-Identifier: Apache-2.0
#include "core/tokenizer/component_specs.h"

namespace sinkscope::registry_normalizers {
extern const NormalizerSpec prepend;
namespace {

class PrependNormalizer : public Normalizer {
public:
    explicit PrependNormalizer(std::string prefix) : m_prefix(std::move(prefix)) {}
    [[nodiscard]] Result<void> apply(NormalizedText& text) const override {
        text.prepend(m_prefix);
        return {};
    }

private:
    std::string m_prefix;
};

Result<std::unique_ptr<const Normalizer>> build(const Json& description) {
    auto prefix = stringAt(description, "prepend");
    if (!prefix)
        return Error{ErrorCode::TokenizerInvalid, "a Prepend normalizer without \"prepend\"", {}};
    return std::unique_ptr<const Normalizer>(new PrependNormalizer(std::move(*prefix)));
}

constexpr std::string_view kTypes[] = {"Prepend"};

} // namespace
const NormalizerSpec prepend{{.types = kTypes, .build = build}};
} // namespace sinkscope::registry_normalizers
