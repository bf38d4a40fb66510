// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/tokenizer/normalized_text.h"

#include <optional>
#include <string_view>

namespace sinkscope {

/// The behavior that a tokenizer.json names.
inline std::optional<SplitBehavior> splitBehaviorOf(std::string_view name) {
    using enum SplitBehavior;
    constexpr std::pair<std::string_view, SplitBehavior> kNames[] = {
        {"Removed", Removed}, {"Isolated", Isolated}, {"MergedWithPrevious", MergedWithPrevious},
        {"MergedWithNext", MergedWithNext}, {"Contiguous", Contiguous}};
    for (const auto& [known, behavior] : kNames)
        if (known == name)
            return behavior;
    return std::nullopt;
}

} // namespace sinkscope
