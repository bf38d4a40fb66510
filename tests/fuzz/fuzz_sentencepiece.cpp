// SPDX-License-Identifier: Apache-2.0
// A SentencePiece file. What is refused before the library sees it, and what the library makes of the rest.
#include "core/tokenizer/sentencepiece_file.h"
#include "fuzz/fuzz_target.h"

#include <cstdlib>

namespace sinkscope::test {
namespace {

constexpr std::string_view kTexts[] = {"", " A few words,\tnumbers 12 and caf\u00e9 \u6f22\u5b57 \U0001f600 <s>a  b", "\u2581\u2581ab \u0007\ufb01"};

void demand(bool condition) {
    if (!condition)
        std::abort();
}

} // namespace

std::string fuzzOutcome(std::span<const std::byte> bytes) {
    const auto tokenizer = readSentencePiece({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, "/nonexistent", "tokenizer.model");
    if (!tokenizer)
        return outcomeOf(tokenizer);
    for (const std::string_view text : kTexts) {
        const auto encoding = (*tokenizer)->encode(text);
        if (!encoding)
            return outcomeOf(encoding);
        demand(encoding->offsets.size() == encoding->ids.size() && encoding->pieces.size() == encoding->ids.size());
        for (std::size_t i = 0; i < encoding->ids.size(); ++i) {
            demand(encoding->ids[i] >= 0 && encoding->offsets[i].first >= 0 && encoding->offsets[i].first <= encoding->offsets[i].second);
            demand(static_cast<std::size_t>(encoding->offsets[i].second) <= text.size());
            static_cast<void>((*tokenizer)->displayText(encoding->ids[i]));
        }
    }
    return "ok";
}

} // namespace sinkscope::test
