// SPDX-License-Identifier: Apache-2.0
#include "core/tokenizer/unicode_forms.h"

#include "core/tokenizer/unicode.h"

#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/utf16.h>

#include <algorithm>
#include <array>

namespace sinkscope {
namespace {

/// Appends the full decomposition of a character: the first character replaces it, the others are inserted.
void decompose(const UNormalizer2* normalizer, char32_t c, std::vector<CharacterChange>& out) {
    std::array<UChar, 64> buffer{}; // the longest decomposition has 18 code units
    UErrorCode status = U_ZERO_ERROR;
    const int32_t length = unorm2_getDecomposition(normalizer, static_cast<UChar32>(c), buffer.data(), static_cast<int32_t>(buffer.size()), &status);
    if (U_FAILURE(status) || length < 0 || unicodeVersionOf(c) > kNormalizationVersion) {
        out.push_back({c, 0});
        return;
    }
    for (int32_t i = 0; i < length;) {
        const bool first = i == 0;
        UChar32 next = 0;
        U16_NEXT(buffer.data(), i, length, next);
        out.push_back({static_cast<char32_t>(next), first ? 0 : 1});
    }
}

std::uint8_t combiningClass(char32_t c) {
    const std::uint8_t value = u_getCombiningClass(static_cast<UChar32>(c));
    return value != 0 && unicodeVersionOf(c) > kNormalizationVersion ? 0 : value;
}

/// Canonical ordering: marks between two starters are sorted by class, equal classes keep their order.
void reorder(std::vector<CharacterChange>& characters) {
    for (auto begin = characters.begin(); begin != characters.end();) {
        if (combiningClass(begin->character) == 0) {
            ++begin;
            continue;
        }
        const auto end = std::find_if(begin, characters.end(), [](const CharacterChange& c) { return combiningClass(c.character) == 0; });
        std::stable_sort(begin, end, [](const CharacterChange& a, const CharacterChange& b) {
            return combiningClass(a.character) < combiningClass(b.character);
        });
        begin = end;
    }
}

/// Canonical composition; a composed character swallows what it was made of.
std::vector<CharacterChange> compose(const UNormalizer2* normalizer, const std::vector<CharacterChange>& characters) {
    std::vector<CharacterChange> out;
    std::ptrdiff_t starter = -1;
    int lastClass = 0; // of what stands between the starter and here; 0 when nothing does
    for (const CharacterChange& next : characters) {
        const int nextClass = combiningClass(next.character);
        const bool blocked = starter >= 0 && static_cast<std::size_t>(starter) + 1 != out.size() && lastClass >= nextClass;
        if (starter >= 0 && !blocked) {
            CharacterChange& base = out[static_cast<std::size_t>(starter)];
            const UChar32 pair = unorm2_composePair(normalizer, static_cast<UChar32>(base.character), static_cast<UChar32>(next.character));
            if (pair >= 0) {
                base.character = static_cast<char32_t>(pair);
                base.change += next.change - 1;
                continue;
            }
        }
        if (nextClass == 0)
            starter = static_cast<std::ptrdiff_t>(out.size());
        lastClass = nextClass;
        out.push_back(next);
    }
    return out;
}

} // namespace

void toUnicodeForm(NormalizedText& text, UnicodeForm form) {
    if (std::ranges::all_of(text.text(), [](char c) { return static_cast<unsigned char>(c) < 0x80; }))
        return; // ASCII is the same in every form
    UErrorCode status = U_ZERO_ERROR;
    const UNormalizer2* canonical = unorm2_getNFCInstance(&status);
    const UNormalizer2* decomposing = form.compatible ? unorm2_getNFKCInstance(&status) : canonical;
    if (U_FAILURE(status))
        return; // the data is compiled into the library
    std::vector<CharacterChange> characters;
    for (std::size_t at = 0; at < text.text().size();) {
        const CodePoint point = codePointAt(text.text(), at);
        decompose(decomposing, point.value, characters);
        at += point.bytes;
    }
    reorder(characters);
    text.transform(form.composed ? compose(canonical, characters) : characters);
}

} // namespace sinkscope
