// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/tokenizer/normalized_text.h"

namespace sinkscope {

/// Lower-cases character by character.
inline void toLowerCase(NormalizedText& text) {
    std::vector<CharacterChange> changes;
    for (std::size_t at = 0; at < text.text().size();) {
        const CodePoint point = codePointAt(text.text(), at);
        int change = 0;
        for (const char32_t c : lowerCase(point.value)) {
            changes.push_back({c, change});
            change = 1;
        }
        at += point.bytes;
    }
    text.transform(changes);
}

} // namespace sinkscope
