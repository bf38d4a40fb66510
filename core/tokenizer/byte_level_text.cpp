// SPDX-License-Identifier: Apache-2.0
#include "core/tokenizer/byte_level_text.h"

#include "core/tokenizer/byte_alphabet.h"
#include "core/tokenizer/unicode.h"

namespace sinkscope {

void toByteLevel(NormalizedText& text) {
    std::vector<CharacterChange> changes;
    const std::string& bytes = text.text();
    changes.reserve(bytes.size());
    for (std::size_t at = 0; at < bytes.size();) {
        const std::size_t length = codePointAt(bytes, at).bytes;
        for (std::size_t i = 0; i < length; ++i)
            changes.push_back({byteAlphabet()[static_cast<unsigned char>(bytes[at + i])], i == 0 ? 0 : 1});
        at += length;
    }
    text.transform(changes);
}

} // namespace sinkscope
