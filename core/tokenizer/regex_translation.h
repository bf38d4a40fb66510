// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"

#include <string>
#include <string_view>

namespace sinkscope {

/// Rewrites a pattern of the tokenizers library's regular expression engine (Oniguruma, Ruby syntax, Unicode 16) for PCRE2 with PCRE2_UTF, PCRE2_UCP
/// and PCRE2_MULTILINE, so that it matches the same. What differs and is rewritten: \s \w \h \b \p{..} and [:..:] (other members, and PCRE2 10.42 knows
/// Unicode 14), (?m) (there: "." matches a line feed), \uHHHH, classes within classes and their intersections. What remains different: a
/// case-insensitive letter matches no sequence of letters ("ß" not "ss"); \P{Script} takes the characters of later Unicode versions for others.
/// Errors: TokenizerUnsupported for repeated intervals ("{1,2}+") and properties that are not known; TokenizerInvalid.
Result<std::string> translateRegex(std::string_view pattern);

} // namespace sinkscope
