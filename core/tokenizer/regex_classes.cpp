// SPDX-License-Identifier: Apache-2.0
#include "core/tokenizer/regex_classes.h"

#include "core/tokenizer/unicode.h"

#include <unicode/uchar.h>
#include <unicode/uscript.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <vector>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

namespace sinkscope {
namespace {

constexpr char32_t kLast = 0x10FFFF;
constexpr char32_t kLastNewer = 0x3FFFF; ///< no version of Unicode has assigned anything new above for many years

struct Range {
    char32_t first, last;
    std::uint32_t category; ///< mask
};

void appendRange(std::string& out, char32_t first, char32_t last) {
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "\\x{%x}-\\x{%x}", static_cast<unsigned>(first), static_cast<unsigned>(last));
    out += text.data();
}

/// All characters that satisfy a predicate, surrogates left out.
template <typename Predicate> std::string rangesWhere(Predicate predicate) {
    std::string out;
    for (char32_t c = 0; c <= kLast; ++c) {
        if (!predicate(c) || (c >= 0xD800 && c <= 0xDFFF))
            continue;
        const char32_t first = c;
        while (c < kLast && c + 1 != 0xD800 && predicate(c + 1))
            ++c;
        appendRange(out, first, c);
    }
    return out;
}

/// Characters that this PCRE2 takes for unassigned although they are not.
const std::vector<Range>& unknownToPcre2() {
    static const std::vector<Range> ranges = [] {
        std::array<char, 64> version{};
        pcre2_config(PCRE2_CONFIG_UNICODE_VERSION, version.data());
        const int known = std::atoi(version.data());
        std::vector<Range> found;
        for (char32_t c = 0x80; c <= kLastNewer && known < 16; ++c) {
            const std::uint32_t category = categoryMask(c);
            const int since = unicodeVersionOf(c); // 0: later than ICU knows
            if (category == U_GC_CN_MASK || (since != 0 && since <= known))
                continue;
            if (!found.empty() && found.back().last + 1 == c && found.back().category == category)
                found.back().last = c;
            else
                found.push_back({c, c, category});
        }
        return found;
    }();
    return ranges;
}

struct Category {
    std::string_view name, longName;
    std::uint32_t mask;
};
constexpr auto kCategories = std::to_array<Category>({
    {"L", "Letter", U_GC_L_MASK}, {"Lu", "Uppercase_Letter", U_GC_LU_MASK}, {"Ll", "Lowercase_Letter", U_GC_LL_MASK},
    {"Lt", "Titlecase_Letter", U_GC_LT_MASK}, {"Lm", "Modifier_Letter", U_GC_LM_MASK}, {"Lo", "Other_Letter", U_GC_LO_MASK},
    {"M", "Mark", U_GC_M_MASK}, {"Mn", "Nonspacing_Mark", U_GC_MN_MASK}, {"Mc", "Spacing_Mark", U_GC_MC_MASK},
    {"Me", "Enclosing_Mark", U_GC_ME_MASK}, {"N", "Number", U_GC_N_MASK}, {"Nd", "Decimal_Number", U_GC_ND_MASK},
    {"Nl", "Letter_Number", U_GC_NL_MASK}, {"No", "Other_Number", U_GC_NO_MASK}, {"P", "Punctuation", U_GC_P_MASK},
    {"Pc", "Connector_Punctuation", U_GC_PC_MASK}, {"Pd", "Dash_Punctuation", U_GC_PD_MASK}, {"Ps", "Open_Punctuation", U_GC_PS_MASK},
    {"Pe", "Close_Punctuation", U_GC_PE_MASK}, {"Pi", "Initial_Punctuation", U_GC_PI_MASK}, {"Pf", "Final_Punctuation", U_GC_PF_MASK},
    {"Po", "Other_Punctuation", U_GC_PO_MASK}, {"S", "Symbol", U_GC_S_MASK}, {"Sm", "Math_Symbol", U_GC_SM_MASK},
    {"Sc", "Currency_Symbol", U_GC_SC_MASK}, {"Sk", "Modifier_Symbol", U_GC_SK_MASK}, {"So", "Other_Symbol", U_GC_SO_MASK},
    {"Z", "Separator", U_GC_Z_MASK}, {"Zs", "Space_Separator", U_GC_ZS_MASK}, {"Zl", "Line_Separator", U_GC_ZL_MASK},
    {"Zp", "Paragraph_Separator", U_GC_ZP_MASK}, {"Cc", "Control", U_GC_CC_MASK}, {"Cf", "Format", U_GC_CF_MASK},
    {"Co", "Private_Use", U_GC_CO_MASK},
});

/// PCRE2's own property, which it matches quickly, and the characters that it does not know.
std::string categoryMembers(const Category& category, bool negated) {
    if (negated)
        return rangesWhere([mask = category.mask](char32_t c) { return (categoryMask(c) & mask) == 0; });
    std::string out = "\\p{" + std::string(category.name) + '}';
    for (const Range& range : unknownToPcre2())
        if ((range.category & category.mask) != 0)
            appendRange(out, range.first, range.last);
    return out;
}

bool isRegexWord(char32_t c) {
    return (isWordCharacter(c) && c != 0x200C && c != 0x200D) || c == 0xB2 || c == 0xB3 || c == 0xB9 || (c >= 0xBC && c <= 0xBE);
}
/// Marks that became alphabetic after Unicode 15.
constexpr std::pair<char32_t, char32_t> kNewerAlphabetic[] = {{0x363, 0x36F},     {0x897, 0x897},     {0x1DD3, 0x1DE6},   {0x10D69, 0x10D69}, {0x10EFC, 0x10EFC},
                                                             {0x113B8, 0x113C0}, {0x113C2, 0x113C2}, {0x113C5, 0x113C5}, {0x113C7, 0x113CA}, {0x113CC, 0x113CD},
                                                             {0x1611E, 0x1612E}};
bool isAlphabetic(char32_t c) {
    if (u_hasBinaryProperty(static_cast<UChar32>(c), UCHAR_ALPHABETIC))
        return true;
    const bool newer = unicodeVersionOf(c) == 0 && (categoryMask(c) & (U_GC_L_MASK | U_GC_NL_MASK)) != 0;
    return newer || std::ranges::any_of(kNewerAlphabetic, [c](const auto& range) { return c >= range.first && c <= range.second; });
}
bool isDecimal(char32_t c) { return (categoryMask(c) & U_GC_ND_MASK) != 0; }
bool isHexDigit(char32_t c) { return c < 0x80 && std::isxdigit(static_cast<int>(c)) != 0; }
bool isBlank(char32_t c) { return c == '\t' || (categoryMask(c) & U_GC_ZS_MASK) != 0; }
bool isPunctuationOrSymbol(char32_t c) { return (categoryMask(c) & (U_GC_P_MASK | U_GC_S_MASK)) != 0; }
bool isAlphanumeric(char32_t c) { return isAlphabetic(c) || isDecimal(c); }

struct Named {
    std::string_view name; ///< in lower case
    bool (*contains)(char32_t);
};
constexpr auto kNamed = std::to_array<Named>({
    {"alnum", isAlphanumeric}, {"alpha", isAlphabetic}, {"alphabetic", isAlphabetic}, {"blank", isBlank}, {"digit", isDecimal},
    {"punct", isPunctuationOrSymbol}, {"space", isWhiteSpace}, {"white_space", isWhiteSpace}, {"word", isRegexWord}, {"xdigit", isHexDigit},
});

std::string namedMembers(bool (*contains)(char32_t), bool negated) {
    // Kept, because a pattern asks for the same few again and again, and each looks at a million code points.
    static thread_local std::map<std::pair<bool (*)(char32_t), bool>, std::string> kept;
    const auto [entry, added] = kept.try_emplace({contains, negated});
    if (added)
        entry->second = rangesWhere([contains, negated](char32_t c) { return contains(c) != negated; });
    return entry->second;
}

/// The characters of a script that PCRE2 does not know.
std::string newerMembers(const std::string& script) {
    const auto wanted = u_getPropertyValueEnum(UCHAR_SCRIPT, script.c_str());
    std::vector<Range> members;
    for (const Range& range : unknownToPcre2())
        for (char32_t c = range.first; c <= range.last; ++c) {
            UErrorCode status = U_ZERO_ERROR;
            const bool laterHan = unicodeVersionOf(c) == 0 && c >= 0x20000; // what ICU does not know there is ideographs
            const int32_t found = laterHan ? USCRIPT_HAN : uscript_getScript(static_cast<UChar32>(c), &status);
            if (found != wanted)
                continue;
            if (members.empty() || members.back().last + 1 != c)
                members.push_back({c, c, 0});
            members.back().last = c;
        }
    std::string out;
    for (const Range& range : members)
        appendRange(out, range.first, range.last);
    return out;
}

bool compiles(const std::string& pattern) {
    int error = 0;
    PCRE2_SIZE position = 0;
    pcre2_code* code = pcre2_compile(reinterpret_cast<PCRE2_SPTR>(pattern.data()), pattern.size(), PCRE2_UTF | PCRE2_UCP, &error, &position, nullptr);
    pcre2_code_free(code);
    return code != nullptr;
}

} // namespace

std::string shorthandMembers(char shorthand, bool negated) {
    switch (shorthand) {
    case 's': return namedMembers(isWhiteSpace, negated);
    case 'w': return namedMembers(isRegexWord, negated);
    case 'h': return namedMembers(isHexDigit, negated);
    default: return *propertyMembers("Nd", negated);
    }
}

std::optional<std::string> propertyMembers(std::string_view name, bool negated) {
    for (const Category& category : kCategories)
        if (name == category.name || name == category.longName)
            return categoryMembers(category, negated);
    std::string lower;
    for (const char c : name) {
        if (std::isalnum(static_cast<unsigned char>(c)) == 0 && c != '_')
            return std::nullopt;
        lower += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    }
    for (const Named& named : kNamed)
        if (named.name == lower)
            return namedMembers(named.contains, negated);
    const std::string head = negated ? "\\P{" : "\\p{";
    std::string members = head + "sc:" + std::string(name) + '}'; // the engine means the script itself, not the characters that it shares
    if (compiles(members))
        return members + (negated ? "" : newerMembers(std::string(name)));
    members = head + std::string(name) + '}';
    return compiles(members) ? std::optional(members) : std::nullopt;
}

} // namespace sinkscope
