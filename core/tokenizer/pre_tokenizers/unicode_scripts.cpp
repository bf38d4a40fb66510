// SPDX-License-Identifier: Apache-2.0
#include "core/tokenizer/component_specs.h"
#include "core/tokenizer/unicode.h"

#include <unicode/uscript.h>

namespace sinkscope::registry_pre_tokenizers {
extern const PreTokenizerSpec unicode_scripts;
namespace {

/// The Unicode version of the library's table. Measured with every code point, as are the exceptions below.
constexpr int kScriptVersion = 9;
constexpr int kAny = -1; ///< spaces, and what the table does not know: they belong to whatever is before them

int scriptOf(char32_t c) {
    const int version = unicodeVersionOf(c);
    if (c == ' ' || version == 0 || version > kScriptVersion)
        return kAny;
    if (c == 0x30FC) // the mark of long vowels
        return USCRIPT_HAN;
    if (c == 0x589 || c == 0x61C)
        return USCRIPT_COMMON;
    if (c == 0x953 || c == 0x954)
        return USCRIPT_DEVANAGARI;
    UErrorCode status = U_ZERO_ERROR;
    const UScriptCode script = uscript_getScript(static_cast<UChar32>(c), &status);
    if (script == USCRIPT_UNKNOWN) // private use and noncharacters
        return kAny;
    return script == USCRIPT_HIRAGANA || script == USCRIPT_KATAKANA ? USCRIPT_HAN : script; // Japanese mixes the three within words
}

/// Divides where the script changes. What stands before the first character of a script is lost, as in the library.
class UnicodeScriptsPreTokenizer : public PreTokenizer {
public:
    [[nodiscard]] Result<void> apply(PreTokens& text) const override {
        const auto matcher = [](std::string_view part, std::vector<PatternMatch>& matches) -> Result<void> {
            int last = kAny;
            for (std::size_t at = 0; at < part.size();) {
                const CodePoint point = codePointAt(part, at);
                const int script = scriptOf(point.value);
                if (script != kAny && script != last)
                    matches.push_back({at, at, false});
                last = script == kAny ? last : script;
                at += point.bytes;
                if (!matches.empty())
                    matches.back().end = at;
            }
            return {};
        };
        return text.split(matcher, SplitBehavior::Removed);
    }
};

Result<std::unique_ptr<const PreTokenizer>> build(const Json&) { return std::unique_ptr<const PreTokenizer>(new UnicodeScriptsPreTokenizer); }

constexpr std::string_view kTypes[] = {"UnicodeScripts"};

} // namespace
const PreTokenizerSpec unicode_scripts{{.types = kTypes, .build = build}};
} // namespace sinkscope::registry_pre_tokenizers
