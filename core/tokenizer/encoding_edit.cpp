// SPDX-License-Identifier: Apache-2.0
#include "core/tokenizer/encoding_edit.h"

#include "core/tokenizer/byte_alphabet.h"
#include "core/tokenizer/unicode.h"

#include <algorithm>

namespace sinkscope {
namespace {

template <typename T, typename U> void insertAt(std::vector<T>& values, bool atFront, U value) {
    values.insert(atFront ? values.begin() : values.end(), static_cast<T>(value));
}

bool isSpace(char32_t c) { return c == byteAlphabet()[' '] || isWhiteSpace(c); }

/// Characters of white space at the start and at the end of a piece.
std::pair<std::int32_t, std::int32_t> spacesAround(const std::string& piece) {
    std::int32_t leading = 0, trailing = 0;
    bool onlySpace = true;
    for (std::size_t at = 0; at < piece.size();) {
        const CodePoint point = codePointAt(piece, at);
        at += point.bytes;
        trailing = isSpace(point.value) ? trailing + 1 : 0;
        onlySpace = onlySpace && isSpace(point.value);
        leading += onlySpace ? 1 : 0;
    }
    return {leading, trailing};
}

} // namespace

void addSpecialToken(Encoding& encoding, bool atFront, std::int32_t id, const std::string& piece, std::int32_t segment) {
    insertAt(encoding.ids, atFront, id);
    encoding.pieces.insert(atFront ? encoding.pieces.begin() : encoding.pieces.end(), piece);
    encoding.offsets.insert(atFront ? encoding.offsets.begin() : encoding.offsets.end(), {0, 0});
    insertAt(encoding.special, atFront, 1);
    insertAt(encoding.segments, atFront, segment);
}

void trimByteLevelOffsets(Encoding& encoding, bool addPrefixSpace) {
    for (std::size_t i = 0; i < encoding.pieces.size(); ++i) {
        auto [leading, trailing] = spacesAround(encoding.pieces[i]);
        auto& [begin, end] = encoding.offsets[i];
        if (leading > 0) {
            if ((i == 0 || begin == 0) && addPrefixSpace && leading == 1)
                leading = 0; // the space that was put in front is not in the text; several spaces are
            begin = std::min(begin + leading, end);
        }
        if (trailing > 0 && end >= trailing)
            end = std::max(end - trailing, begin);
    }
}

} // namespace sinkscope
