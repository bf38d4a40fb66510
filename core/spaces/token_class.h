// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/capture/capture.h"

#include <cstdint>
#include <string_view>
#include <vector>

namespace sinkscope {

enum class TokenClass : std::uint8_t { Special, Whitespace, Punctuation, Number, WordStart, Continuation };
std::string_view nameOf(TokenClass tokenClass); ///< "special", "whitespace", "punctuation", "number", "word_start", "continuation"

/// One per token, from what a reader sees. A word starts after a space, white space, punctuation, a number or a special token; in vocabularies
/// that mark continuations ("##ing") everywhere else. Thread: any.
std::vector<TokenClass> tokenClasses(const SampleTokens& tokens);

} // namespace sinkscope
