// SPDX-License-Identifier: Apache-2.0
#include "core/tokenizer/regex.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <array>

namespace sinkscope {
namespace {

constexpr std::size_t kMaxPatternBytes = 1U << 16;
/// Steps that a match may take; published patterns need a handful per character.
constexpr std::uint32_t kMatchLimit = 10'000'000;

// PCRE2's own \s, \w and \d differ in U+180E, marks and number letters.
constexpr std::string_view kSpace = R"(\x{9}-\x{d}\x{20}\x{85}\x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000})";
constexpr std::string_view kWord = R"(\p{L}\p{M}\p{Nd}\p{Nl}\p{Pc}\x{24b6}-\x{24e9}\x{1f130}-\x{1f149}\x{1f150}-\x{1f169}\x{1f170}-\x{1f189}\x{200c}\x{200d})";

/// Rewrites the shorthand classes; everything else is passed on.
std::string translated(std::string_view pattern) {
    std::string out;
    bool inClass = false;
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        const char c = pattern[i];
        if (c != '\\' || i + 1 == pattern.size()) {
            inClass = c == '[' ? true : c == ']' ? false : inClass;
            out.push_back(c);
            continue;
        }
        const char next = pattern[++i];
        const std::string_view members = next == 's' || next == 'S' ? kSpace : next == 'w' || next == 'W' ? kWord : "";
        const bool negated = next == 'S' || next == 'W';
        if (members.empty() || (inClass && negated)) {
            out += {'\\', next};
        } else if (inClass) {
            out += members;
        } else {
            out.append(negated ? "[^" : "[").append(members).append("]");
        }
    }
    return out;
}

struct MatchData {
    explicit MatchData(const pcre2_code* code) : data(pcre2_match_data_create_from_pattern(code, nullptr)) {}
    ~MatchData() { pcre2_match_data_free(data); }
    MatchData(const MatchData&) = delete;
    MatchData& operator=(const MatchData&) = delete;
    pcre2_match_data* data;
};

struct MatchContext {
    MatchContext() : context(pcre2_match_context_create(nullptr)) { pcre2_set_match_limit(context, kMatchLimit); }
    ~MatchContext() { pcre2_match_context_free(context); }
    MatchContext(const MatchContext&) = delete;
    MatchContext& operator=(const MatchContext&) = delete;
    pcre2_match_context* context;
};

std::string messageOf(int code) {
    std::array<PCRE2_UCHAR, 256> buffer{};
    pcre2_get_error_message(code, buffer.data(), buffer.size());
    return reinterpret_cast<const char*>(buffer.data());
}

} // namespace

Result<std::shared_ptr<const Regex>> Regex::compile(const std::string& pattern) {
    if (pattern.size() > kMaxPatternBytes)
        return Error{ErrorCode::TokenizerInvalid, "regular expression of " + std::to_string(pattern.size()) + " bytes", {}};
    const std::string ours = translated(pattern);
    int error = 0;
    PCRE2_SIZE position = 0;
    pcre2_code* code = pcre2_compile(reinterpret_cast<PCRE2_SPTR>(ours.data()), ours.size(), PCRE2_UTF | PCRE2_UCP, &error, &position, nullptr);
    if (!code)
        return Error{ErrorCode::TokenizerInvalid,
                     "regular expression: " + messageOf(error) + " at byte " + std::to_string(position) + " of " + pattern.substr(0, 80), {}};
    pcre2_jit_compile(code, PCRE2_JIT_COMPLETE); // where there is no JIT, matching interprets
    return std::shared_ptr<const Regex>(new Regex(code));
}

Result<std::shared_ptr<const Regex>> Regex::literal(std::string_view text) {
    std::string pattern;
    for (const char c : text) {
        if (static_cast<unsigned char>(c) < 0x80 && !std::isalnum(static_cast<unsigned char>(c)))
            pattern.push_back('\\');
        pattern.push_back(c);
    }
    return compile(pattern);
}

Regex::~Regex() { pcre2_code_free(static_cast<pcre2_code*>(m_code)); }

Result<std::vector<PatternMatch>> Regex::matchesIn(std::string_view text) const {
    const auto* code = static_cast<const pcre2_code*>(m_code);
    const MatchData match(code);
    const MatchContext context;
    std::vector<PatternMatch> out;
    std::size_t from = 0, covered = 0;
    while (from <= text.size()) {
        const int found = pcre2_match(code, reinterpret_cast<PCRE2_SPTR>(text.data()), text.size(), from, PCRE2_NO_UTF_CHECK, match.data, context.context);
        if (found == PCRE2_ERROR_NOMATCH)
            break;
        if (found < 0)
            return Error{ErrorCode::TokenizerInvalid, "a regular expression does not finish: " + messageOf(found), {}};
        const PCRE2_SIZE* bounds = pcre2_get_ovector_pointer(match.data);
        const std::size_t begin = bounds[0], end = bounds[1];
        if (begin >= end) { // an empty match divides nothing
            if (begin >= text.size())
                break;
            from = begin + codePointAt(text, begin).bytes;
            continue;
        }
        if (begin > covered)
            out.push_back({covered, begin, false});
        out.push_back({begin, end, true});
        covered = from = end;
    }
    if (covered < text.size())
        out.push_back({covered, text.size(), false});
    return out;
}

void invertMatches(std::vector<PatternMatch>& matches) {
    for (PatternMatch& match : matches)
        match.isMatch = !match.isMatch;
}

} // namespace sinkscope
