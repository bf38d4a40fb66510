// SPDX-License-Identifier: Apache-2.0
#include "core/tokenizer/sequence_parts.h"

namespace sinkscope::registry_normalizers {
extern const NormalizerSpec sequence;
namespace {

class SequenceNormalizer : public Normalizer {
public:
    explicit SequenceNormalizer(std::vector<std::unique_ptr<const Normalizer>> members) : m_members(std::move(members)) {}
    [[nodiscard]] Result<void> apply(NormalizedText& text) const override {
        for (const auto& member : m_members) {
            SINKSCOPE_CHECK(member->apply(text));
            if (text.text().size() > text.mostBytes())
                return normalizedTooLong(text.mostBytes());
        }
        return {};
    }

private:
    std::vector<std::unique_ptr<const Normalizer>> m_members;
};

Result<std::unique_ptr<const Normalizer>> build(const Json& description) {
    SINKSCOPE_TRY(auto members, buildMembers<Normalizer>(description, "normalizers", buildNormalizer));
    return std::unique_ptr<const Normalizer>(new SequenceNormalizer(std::move(members)));
}

constexpr std::string_view kTypes[] = {"Sequence"};

} // namespace
const NormalizerSpec sequence{{.types = kTypes, .build = build}};
} // namespace sinkscope::registry_normalizers
