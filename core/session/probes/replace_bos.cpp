// SPDX-License-Identifier: Apache-2.0
#include "core/session/probe_spec.h"

#include <charconv>

namespace sinkscope::registry_probes {
namespace {

constexpr ProbeText kText{"token", "Token", "What stands in its place: a text, of which the last token counts, or #id.", "."};

Result<std::int32_t> tokenOf(const ProbeSetting& setting) {
    const std::string text = setting.text();
    const auto problem = [&](const char* what) { return Error{ErrorCode::InvalidArgument, "\"" + text + "\" " + what, {}}; };
    if (text.starts_with('#')) {
        std::int32_t id = -1;
        const auto [end, failure] = std::from_chars(text.data() + 1, text.data() + text.size(), id);
        if (failure != std::errc() || end != text.data() + text.size() || id < 0 || id >= setting.model.vocabulary)
            return problem("is no token id of this model");
        return id;
    }
    SINKSCOPE_TRY(const Encoding encoding, setting.tokenizer.encode(text, false));
    if (encoding.ids.empty())
        return problem("has no token");
    return encoding.ids.back();
}

Result<bool> change(const ProbeSetting& setting, ProbedTokens& sample) {
    SINKSCOPE_TRY(const std::int32_t id, tokenOf(setting));
    Encoding& encoding = sample.tokens.encoding;
    if (encoding.ids.empty() || encoding.special.front() == 0 || encoding.ids.front() == id)
        return false;
    encoding.ids.front() = id;
    encoding.pieces.front() = setting.tokenizer.pieceOf(id).value_or("");
    encoding.special.front() = 0;
    sample.tokens.display.front() = setting.tokenizer.displayText(id);
    return true;
}

} // namespace

extern const ProbeSpec replace_bos;
const ProbeSpec replace_bos{
    .id = "replace_bos",
    .title = "the first special token replaced",
    .explanation = "Another token stands first. If the sink stays, it belongs to the place; if it goes, to the token.",
    .source = "our definition",
    .text = &kText,
    .changeTokens = change,
};

} // namespace sinkscope::registry_probes
