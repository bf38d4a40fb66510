// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"
#include "core/tokenizer/normalized_text.h"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace sinkscope {

/// A compiled regular expression over UTF-8 (PCRE2 with Unicode properties). The classes \s, \w and \d are given the meaning that the
/// tokenizers library's engine gives them. Immutable; safe from several threads.
class Regex {
public:
    /// Errors: TokenizerInvalid, with the position in the pattern.
    static Result<std::shared_ptr<const Regex>> compile(const std::string& pattern);
    /// A pattern that matches a string as it stands.
    static Result<std::shared_ptr<const Regex>> literal(std::string_view text);
    ~Regex();
    Regex(const Regex&) = delete;
    Regex& operator=(const Regex&) = delete;

    /// Matches and the gaps between them, covering `text`, which must be valid UTF-8. Errors: TokenizerInvalid when matching exceeds PCRE2's limits
    /// (a pattern that backtracks without end).
    [[nodiscard]] Result<std::vector<PatternMatch>> matchesIn(std::string_view text) const;

private:
    explicit Regex(void* code) : m_code(code) {}
    void* m_code;
};

/// The same matches with gaps and matches exchanged.
void invertMatches(std::vector<PatternMatch>& matches);

} // namespace sinkscope
