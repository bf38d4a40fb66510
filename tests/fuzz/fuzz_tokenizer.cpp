// SPDX-License-Identifier: Apache-2.0
// tokenizer.json, and after a zero byte (which no JSON has) the text to encode.
#include "core/tokenizer/tokenizer.h"
#include "fuzz/fuzz_target.h"

#include <cstdlib>

namespace sinkscope::test {
namespace {

constexpr std::string_view kText = "A few words,\tnumbers 12 and caf\u00e9 \u6f22\u5b57 \U0001f600 <s> [MASK]\n";

void demand(bool condition) {
    if (!condition)
        std::abort();
}

/// What the rest of the program takes for granted.
void check(const Tokenizer& tokenizer, const Encoding& encoding) {
    const std::size_t count = encoding.ids.size();
    demand(encoding.pieces.size() == count && encoding.offsets.size() == count && encoding.special.size() == count && encoding.segments.size() == count);
    for (std::size_t i = 0; i < count; ++i) {
        demand(encoding.ids[i] >= 0);
        if (i < 64)
            static_cast<void>(tokenizer.displayText(encoding.ids[i]));
    }
}

} // namespace

std::string fuzzOutcome(std::span<const std::byte> bytes) {
    const std::string_view input(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    const std::size_t zero = input.find('\0');
    const auto tokenizer = Tokenizer::parse(input.substr(0, zero), std::nullopt, "tokenizer.json");
    if (!tokenizer)
        return outcomeOf(tokenizer);
    static_cast<void>((*tokenizer)->vocabularySize());
    for (const bool special : {true, false}) {
        const auto encoding = (*tokenizer)->encode(zero == std::string_view::npos ? kText : input.substr(zero + 1), special);
        if (!encoding)
            return outcomeOf(encoding);
        check(**tokenizer, *encoding);
    }
    return "ok";
}

} // namespace sinkscope::test
