// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace sinkscope {

/// The members of a character class of the tokenizers library's engine, written for the inside of a PCRE2 class. `negated`: the other characters.
/// Shorthands: 's', 'w', 'd', 'h'. Properties: general categories by short or long name, POSIX names, scripts, binary properties; nothing when unknown.
std::string shorthandMembers(char shorthand, bool negated);
std::optional<std::string> propertyMembers(std::string_view name, bool negated);

} // namespace sinkscope
