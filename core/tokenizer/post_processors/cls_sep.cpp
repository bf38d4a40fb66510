// SPDX-License-Identifier: Apache-2.0
#include "core/tokenizer/component_specs.h"
#include "core/tokenizer/encoding_edit.h"

#include <nlohmann/json.hpp>

namespace sinkscope::registry_post_processors {
extern const PostProcessorSpec cls_sep;
namespace {

struct Special {
    std::string piece;
    std::int32_t id = 0;
};

/// BERT and RoBERTa: one token before the text and one after it.
class ClsSepPostProcessor : public PostProcessor {
public:
    ClsSepPostProcessor(Special cls, Special sep, bool trims, bool addPrefixSpace)
        : m_cls(std::move(cls)), m_sep(std::move(sep)), m_trims(trims), m_addPrefixSpace(addPrefixSpace) {}
    void apply(Encoding& encoding, bool addSpecial) const override {
        if (m_trims)
            trimByteLevelOffsets(encoding, m_addPrefixSpace);
        if (!addSpecial)
            return;
        addSpecialToken(encoding, true, m_cls.id, m_cls.piece, 0);
        addSpecialToken(encoding, false, m_sep.id, m_sep.piece, 0);
    }
    [[nodiscard]] std::optional<std::int32_t> firstSpecial() const override { return m_cls.id; }

private:
    Special m_cls, m_sep;
    bool m_trims, m_addPrefixSpace;
};

Result<Special> specialOf(const Json& description, const char* key) {
    const auto pair = description.find(key);
    const bool valid = pair != description.end() && pair->is_array() && pair->size() == 2 && (*pair)[0].is_string() && (*pair)[1].is_number_integer();
    const std::int64_t id = valid ? (*pair)[1].get<std::int64_t>() : -1;
    if (id < 0 || id > 0x7FFFFFFF)
        return Error{ErrorCode::TokenizerInvalid, std::string("the post-processor's \"") + key + "\" is not a piece with an id", {}};
    return Special{(*pair)[0].get<std::string>(), static_cast<std::int32_t>(id)};
}

Result<std::unique_ptr<const PostProcessor>> build(const Json& description) {
    SINKSCOPE_TRY(auto cls, specialOf(description, "cls"));
    SINKSCOPE_TRY(auto sep, specialOf(description, "sep"));
    const bool roberta = stringAt(description, "type") == "RobertaProcessing";
    return std::unique_ptr<const PostProcessor>(new ClsSepPostProcessor(std::move(cls), std::move(sep),
                                                                        roberta && booleanAt(description, "trim_offsets").value_or(true),
                                                                        booleanAt(description, "add_prefix_space").value_or(true)));
}

constexpr std::string_view kTypes[] = {"BertProcessing", "RobertaProcessing"};

} // namespace
const PostProcessorSpec cls_sep{{.types = kTypes, .build = build}};
} // namespace sinkscope::registry_post_processors
