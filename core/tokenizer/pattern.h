// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/tokenizer/regex.h"

#include <nlohmann/json.hpp>

namespace sinkscope {

/// The pattern of a Split or Replace: {"String": "..."} taken literally, or {"Regex": "..."}.
inline Result<std::shared_ptr<const Regex>> patternOf(const Json& description) {
    const auto pattern = description.find("pattern");
    if (pattern != description.end()) {
        if (const auto text = stringAt(*pattern, "String"))
            return Regex::literal(*text);
        if (const auto text = stringAt(*pattern, "Regex"))
            return Regex::compile(*text);
        if (pattern->is_string())
            return Regex::literal(pattern->get<std::string>());
    }
    return Error{ErrorCode::TokenizerInvalid, "a pattern that is neither String nor Regex", {}};
}

} // namespace sinkscope
