// SPDX-License-Identifier: Apache-2.0
#pragma once
// Templates of core/tokenizer/normalized_text.h.
#include "core/tokenizer/normalized_text.h"
#include "core/tokenizer/unicode.h"

#include <optional>

namespace sinkscope {

template <typename Keep> void NormalizedText::filter(Keep keep) {
    std::vector<CharacterChange> changes;
    std::size_t removedAtStart = 0;
    int removed = 0;
    std::optional<char32_t> last;
    for (const char32_t c : characters()) {
        if (!keep(c)) {
            ++removed;
            continue;
        }
        if (last)
            changes.push_back({*last, -removed});
        else
            removedAtStart = static_cast<std::size_t>(removed);
        last = c;
        removed = 0;
    }
    if (last)
        changes.push_back({*last, -removed});
    transform(changes, removedAtStart);
}

template <typename Map> void NormalizedText::map(Map mapping) {
    std::vector<CharacterChange> changes;
    for (const char32_t c : characters())
        changes.push_back({mapping(c), 0});
    transform(changes);
}

} // namespace sinkscope
