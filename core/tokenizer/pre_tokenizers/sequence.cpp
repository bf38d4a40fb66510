// SPDX-License-Identifier: Apache-2.0
#include "core/tokenizer/sequence_parts.h"

namespace sinkscope::registry_pre_tokenizers {
extern const PreTokenizerSpec sequence;
namespace {

/// Every member divides the parts that the one before it left.
class SequencePreTokenizer : public PreTokenizer {
public:
    explicit SequencePreTokenizer(std::vector<std::unique_ptr<const PreTokenizer>> members) : m_members(std::move(members)) {}
    [[nodiscard]] Result<void> apply(PreTokens& text) const override {
        for (const auto& member : m_members)
            SINKSCOPE_CHECK(member->apply(text));
        return {};
    }

private:
    std::vector<std::unique_ptr<const PreTokenizer>> m_members;
};

Result<std::unique_ptr<const PreTokenizer>> build(const Json& description) {
    SINKSCOPE_TRY(auto members, buildMembers<PreTokenizer>(description, "pretokenizers", buildPreTokenizer));
    return std::unique_ptr<const PreTokenizer>(new SequencePreTokenizer(std::move(members)));
}

constexpr std::string_view kTypes[] = {"Sequence"};

} // namespace
const PreTokenizerSpec sequence{{.types = kTypes, .build = build}};
} // namespace sinkscope::registry_pre_tokenizers
