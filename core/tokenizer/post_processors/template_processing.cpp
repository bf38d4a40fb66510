// SPDX-License-Identifier: Apache-2.0
#include "core/tokenizer/component_specs.h"
#include "core/tokenizer/encoding_edit.h"

#include <nlohmann/json.hpp>

namespace sinkscope::registry_post_processors {
extern const PostProcessorSpec template_processing;
namespace {

struct Special {
    std::int32_t id = 0;
    std::string piece;
    std::int32_t segment = 0;
};

/// Specials before and after the one text that we encode; the template for pairs is not used.
class TemplatePostProcessor : public PostProcessor {
public:
    TemplatePostProcessor(std::vector<Special> before, std::vector<Special> after, std::int32_t segment)
        : m_before(std::move(before)), m_after(std::move(after)), m_segment(segment) {}

    void apply(Encoding& encoding, bool addSpecial) const override {
        std::fill(encoding.segments.begin(), encoding.segments.end(), m_segment);
        if (!addSpecial)
            return;
        for (auto special = m_before.rbegin(); special != m_before.rend(); ++special)
            addSpecialToken(encoding, true, special->id, special->piece, special->segment);
        for (const Special& special : m_after)
            addSpecialToken(encoding, false, special.id, special.piece, special.segment);
    }
    [[nodiscard]] std::optional<std::int32_t> firstSpecial() const override {
        return m_before.empty() ? std::nullopt : std::optional(m_before.front().id);
    }

private:
    std::vector<Special> m_before, m_after;
    std::int32_t m_segment;
};

Error invalid(const std::string& what) { return Error{ErrorCode::TokenizerInvalid, "TemplateProcessing: " + what, {}}; }

/// The tokens behind a special's name: one or several ids.
Result<void> appendSpecials(const Json& description, const Json& piece, std::vector<Special>& out) {
    const std::string name = stringAt(piece, "id").value_or("");
    const auto specials = description.find("special_tokens");
    const auto entry = specials == description.end() || !specials->is_object() ? Json::const_iterator() : specials->find(name);
    if (specials == description.end() || !specials->is_object() || entry == specials->end() || !entry->is_object())
        return invalid("special token \"" + name + "\" is not described");
    const auto ids = entry->find("ids"), pieces = entry->find("tokens");
    if (ids == entry->end() || pieces == entry->end() || !ids->is_array() || !pieces->is_array() || ids->size() != pieces->size())
        return invalid("special token \"" + name + "\" has no ids");
    for (std::size_t i = 0; i < ids->size(); ++i) {
        if (!(*ids)[i].is_number_unsigned() || (*ids)[i].get<std::uint64_t>() > 0x7FFFFFFF || !(*pieces)[i].is_string())
            return invalid("special token \"" + name + "\" has an id that is none");
        out.push_back({(*ids)[i].get<std::int32_t>(), (*pieces)[i].get<std::string>(), static_cast<std::int32_t>(integerAt(piece, "type_id").value_or(0))});
    }
    return {};
}

Result<std::unique_ptr<const PostProcessor>> build(const Json& description) {
    const auto single = description.find("single");
    if (single == description.end() || !single->is_array())
        return invalid("no template for a single text");
    std::vector<Special> before, after;
    bool seenText = false;
    std::int32_t segment = 0;
    for (const Json& step : *single) {
        if (!step.is_object())
            return invalid("a step that is no object");
        if (const auto special = step.find("SpecialToken"); special != step.end()) {
            SINKSCOPE_CHECK(appendSpecials(description, *special, seenText ? after : before));
        } else if (const auto text = step.find("Sequence"); text != step.end() && !seenText) {
            seenText = true;
            segment = static_cast<std::int32_t>(integerAt(*text, "type_id").value_or(0));
        } else {
            return invalid("a template that is not specials around one text");
        }
    }
    if (!seenText)
        return invalid("a template without the text");
    return std::unique_ptr<const PostProcessor>(new TemplatePostProcessor(std::move(before), std::move(after), segment));
}

constexpr std::string_view kTypes[] = {"TemplateProcessing"};

} // namespace
const PostProcessorSpec template_processing{{.types = kTypes, .build = build}};
} // namespace sinkscope::registry_post_processors
