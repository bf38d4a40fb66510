// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/tokenizer/normalized_text.h"
#include "core/tokenizer/unicode.h"

namespace sinkscope {

/// Lower-cases character by character.
inline void toLowerCase(NormalizedText& text) {
    std::vector<CharacterChange> changes;
    for (std::size_t at = 0; at < text.text().size();) {
        const CodePoint point = codePointAt(text.text(), at);
        const LowerCase lower = lowerCase(point.value);
        changes.push_back({lower.first, 0});
        if (lower.second != 0)
            changes.push_back({lower.second, 1});
        at += point.bytes;
    }
    text.transform(changes);
}

} // namespace sinkscope
