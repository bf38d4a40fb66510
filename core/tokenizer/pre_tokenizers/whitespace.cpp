// SPDX-License-Identifier: Apache-2.0
#include "core/tokenizer/component_specs.h"
#include "core/tokenizer/unicode.h"

namespace sinkscope::registry_pre_tokenizers {
extern const PreTokenizerSpec whitespace;
namespace {

enum class Kind { Word, Space, Other };

Kind kindOf(char32_t c) { return isWordCharacter(c) ? Kind::Word : isWhiteSpace(c) ? Kind::Space : Kind::Other; }

/// Runs of word characters and runs of other visible ones; white space is dropped. (The library takes another regular expression engine here than for
/// patterns of the file, with another idea of word characters, hence no Regex.)
class WhitespacePreTokenizer : public PreTokenizer {
public:
    [[nodiscard]] Result<void> apply(PreTokens& text) const override {
        const auto runs = [](std::string_view part, std::vector<PatternMatch>& matches) -> Result<void> {
            Kind previous = Kind::Space;
            for (std::size_t at = 0; at < part.size();) {
                const CodePoint point = codePointAt(part, at);
                const Kind kind = kindOf(point.value);
                if (matches.empty() || kind != previous)
                    matches.push_back({at, at, kind == Kind::Space});
                at += point.bytes;
                matches.back().end = at;
                previous = kind;
            }
            return {};
        };
        return text.split(runs, SplitBehavior::Removed);
    }
};

Result<std::unique_ptr<const PreTokenizer>> build(const Json&) { return std::unique_ptr<const PreTokenizer>(new WhitespacePreTokenizer); }

constexpr std::string_view kTypes[] = {"Whitespace"};

} // namespace
const PreTokenizerSpec whitespace{{.types = kTypes, .build = build}};
} // namespace sinkscope::registry_pre_tokenizers
