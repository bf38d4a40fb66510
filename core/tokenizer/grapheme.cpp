// SPDX-License-Identifier: Apache-2.0
#include "core/tokenizer/grapheme.h"

#include "core/tokenizer/unicode.h"

#include <unicode/uchar.h>

namespace sinkscope {
namespace {

int breakClassOf(char32_t c) {
    if (c < 0x20 || c == 0x7F)
        return c == '\r' ? U_GCB_CR : c == '\n' ? U_GCB_LF : U_GCB_CONTROL;
    if (c < 0x7F)
        return U_GCB_OTHER;
    if (const int known = u_getIntPropertyValue(static_cast<UChar32>(c), UCHAR_GRAPHEME_CLUSTER_BREAK); known != U_GCB_OTHER)
        return known;
    const std::uint32_t mark = categoryMask(c); // characters that ICU does not know yet
    return unicodeVersionOf(c) != 0 || (mark & U_GC_M_MASK) == 0 ? U_GCB_OTHER : mark == U_GC_MC_MASK ? U_GCB_SPACING_MARK : U_GCB_EXTEND;
}

bool isPictographic(char32_t c) { return c >= 0x80 && u_hasBinaryProperty(static_cast<UChar32>(c), UCHAR_EXTENDED_PICTOGRAPHIC) != 0; }

bool endsHere(int breakClass) { return breakClass == U_GCB_CONTROL || breakClass == U_GCB_CR || breakClass == U_GCB_LF; }

/// Rules 6 to 8: syllables of Hangul stay together.
bool joinsHangul(int before, int after) {
    if (before == U_GCB_L)
        return after == U_GCB_L || after == U_GCB_V || after == U_GCB_LV || after == U_GCB_LVT;
    if (before == U_GCB_LV || before == U_GCB_V)
        return after == U_GCB_V || after == U_GCB_T;
    return (before == U_GCB_LVT || before == U_GCB_T) && after == U_GCB_T;
}

/// Rule 9c, of the scripts that form conjuncts: Devanagari, Bengali, Gujarati, Oriya, Telugu and Malayalam. A linker is their virama.
bool isLinker(char32_t c) { return c == 0x94D || c == 0x9CD || c == 0xACD || c == 0xB4D || c == 0xC4D || c == 0xD4D; }
bool isConsonant(char32_t c) {
    const char32_t block = c >> 7;
    const bool script = c >= 0x900 && c < 0xD80 && block != 0xA00 >> 7 && block != 0xB80 >> 7 && block != 0xC80 >> 7;
    return script && u_getIntPropertyValue(static_cast<UChar32>(c), UCHAR_INDIC_SYLLABIC_CATEGORY) == U_INSC_CONSONANT;
}

/// What the rules have to remember of a cluster.
struct Cluster {
    int last = 0;              ///< break class of its last character
    bool emoji = false;        ///< a pictograph and then only extenders: a joiner may follow
    bool emojiJoiner = false;  ///< such a sequence with a joiner at its end
    bool consonant = false;     ///< a consonant and then only extenders and linkers
    bool linked = false;        ///< at least one linker among them
    std::size_t indicators = 0; ///< regional indicators at its end
};

bool continues(const Cluster& cluster, int next, char32_t character) {
    if (cluster.last == U_GCB_CR && next == U_GCB_LF)
        return true;
    if (endsHere(cluster.last) || endsHere(next))
        return false;
    if (next == U_GCB_EXTEND || next == U_GCB_ZWJ || next == U_GCB_SPACING_MARK || cluster.last == U_GCB_PREPEND || joinsHangul(cluster.last, next))
        return true;
    if ((cluster.emojiJoiner && isPictographic(character)) || (cluster.linked && isConsonant(character)))
        return true;
    return next == U_GCB_REGIONAL_INDICATOR && cluster.indicators % 2 == 1;
}

void extend(Cluster& cluster, int next, char32_t character) {
    cluster.emojiJoiner = cluster.emoji && next == U_GCB_ZWJ;
    cluster.emoji = isPictographic(character) || (cluster.emoji && next == U_GCB_EXTEND);
    const bool consonant = isConsonant(character);
    cluster.consonant = consonant || (cluster.consonant && (next == U_GCB_EXTEND || next == U_GCB_ZWJ));
    cluster.linked = cluster.consonant && !consonant && (cluster.linked || isLinker(character));
    cluster.indicators = next == U_GCB_REGIONAL_INDICATOR ? cluster.indicators + 1 : 0;
    cluster.last = next;
}

} // namespace

std::size_t graphemeEnd(std::string_view utf8, std::size_t at) {
    const auto ascii = [&](std::size_t i) { return i == utf8.size() || static_cast<unsigned char>(utf8[i]) < 0x80; };
    if (at < utf8.size() && ascii(at) && ascii(at + 1) && utf8[at] != '\r')
        return at + 1; // what most texts are made of
    Cluster cluster;
    for (bool first = true; at < utf8.size(); first = false) {
        const CodePoint point = codePointAt(utf8, at);
        const int next = breakClassOf(point.value);
        if (!first && !continues(cluster, next, point.value))
            break;
        extend(cluster, next, point.value);
        at += point.bytes;
    }
    return at;
}

} // namespace sinkscope
