// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/tokenizer/component_specs.h"

#include <nlohmann/json.hpp>

namespace sinkscope {

/// Builds the members of a "Sequence", listed under `key`.
template <typename Part>
Result<std::vector<std::unique_ptr<const Part>>> buildMembers(const Json& description, const char* key,
                                                              Result<std::unique_ptr<const Part>> (*build)(const Json&)) {
    std::vector<std::unique_ptr<const Part>> members;
    const auto list = description.find(key);
    if (list == description.end() || !list->is_array())
        return Error{ErrorCode::TokenizerInvalid, std::string("a Sequence without a list \"") + key + '"', {}};
    for (const Json& member : *list) {
        SINKSCOPE_TRY(auto part, build(member));
        if (part)
            members.push_back(std::move(part));
    }
    return members;
}

} // namespace sinkscope
