// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"
#include "core/tokenizer/pre_tokens.h"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace sinkscope {

/// A pattern of a tokenizer.json, compiled (PCRE2 with its JIT; translateRegex says what is done about other engines' dialect). Immutable; safe from
/// several threads.
class Regex {
public:
    /// Errors: TokenizerInvalid, with the position in the pattern; TokenizerUnsupported.
    static Result<std::shared_ptr<const Regex>> compile(std::string_view pattern);
    /// A pattern that matches a string as it stands.
    static Result<std::shared_ptr<const Regex>> literal(std::string_view text);
    ~Regex();
    Regex(const Regex&) = delete;
    Regex& operator=(const Regex&) = delete;

    /// Appends the matches and the gaps between them, covering `text`, which must be valid UTF-8. Errors: TokenizerInvalid when matching exceeds
    /// the limits (a pattern that backtracks without end).
    Result<void> findIn(std::string_view text, std::vector<PatternMatch>& matches) const;
    /// `findIn` as PreTokens wants it; valid as long as this object.
    [[nodiscard]] PreTokens::Matcher matcher() const;

private:
    Regex(void* code, std::string literal) : m_code(code), m_literal(std::move(literal)) {}
    void* m_code;
    std::string m_literal; ///< not empty: found without the engine
};

} // namespace sinkscope
