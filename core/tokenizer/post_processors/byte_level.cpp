// SPDX-License-Identifier: Apache-2.0
#include "core/tokenizer/component_specs.h"
#include "core/tokenizer/encoding_edit.h"

namespace sinkscope::registry_post_processors {
extern const PostProcessorSpec byte_level;
namespace {

class ByteLevelPostProcessor : public PostProcessor {
public:
    ByteLevelPostProcessor(bool trims, bool addPrefixSpace) : m_trims(trims), m_addPrefixSpace(addPrefixSpace) {}
    void apply(Encoding& encoding, bool) const override {
        if (m_trims)
            trimByteLevelOffsets(encoding, m_addPrefixSpace);
    }

private:
    bool m_trims, m_addPrefixSpace;
};

Result<std::unique_ptr<const PostProcessor>> build(const Json& description) {
    return std::unique_ptr<const PostProcessor>(new ByteLevelPostProcessor(booleanAt(description, "trim_offsets").value_or(true),
                                                                           booleanAt(description, "add_prefix_space").value_or(true)));
}

constexpr std::string_view kTypes[] = {"ByteLevel"};

} // namespace
const PostProcessorSpec byte_level{{.types = kTypes, .build = build}};
} // namespace sinkscope::registry_post_processors
