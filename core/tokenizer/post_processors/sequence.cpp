// SPDX-License-Identifier: Apache-2.0
#include "core/tokenizer/sequence_parts.h"

namespace sinkscope::registry_post_processors {
extern const PostProcessorSpec sequence;
namespace {

class SequencePostProcessor : public PostProcessor {
public:
    explicit SequencePostProcessor(std::vector<std::unique_ptr<const PostProcessor>> members) : m_members(std::move(members)) {}
    void apply(Encoding& encoding, bool addSpecial) const override {
        for (const auto& member : m_members)
            member->apply(encoding, addSpecial);
    }
    [[nodiscard]] std::optional<std::int32_t> firstSpecial() const override {
        std::optional<std::int32_t> first;
        for (const auto& member : m_members) // a later member puts its token before those of an earlier one
            if (const auto id = member->firstSpecial())
                first = id;
        return first;
    }

private:
    std::vector<std::unique_ptr<const PostProcessor>> m_members;
};

Result<std::unique_ptr<const PostProcessor>> build(const Json& description) {
    SINKSCOPE_TRY(auto members, buildMembers<PostProcessor>(description, "processors", buildPostProcessor));
    return std::unique_ptr<const PostProcessor>(new SequencePostProcessor(std::move(members)));
}

constexpr std::string_view kTypes[] = {"Sequence"};

} // namespace
const PostProcessorSpec sequence{{.types = kTypes, .build = build}};
} // namespace sinkscope::registry_post_processors
