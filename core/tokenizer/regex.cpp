// SPDX-License-Identifier: Apache-2.0
#include "core/tokenizer/regex.h"

#include "core/tokenizer/regex_translation.h"
#include "core/tokenizer/unicode.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <array>

namespace sinkscope {
namespace {

constexpr std::size_t kMaxPatternBytes = 1U << 14;
/// Steps that one match may take; published patterns need a handful per character.
constexpr std::uint32_t kMatchLimit = 2'000'000;
constexpr std::uint32_t kHeapLimitKibibytes = 64U << 10;
constexpr std::size_t kJitStackBytes = 8U << 20;

/// What a thread needs to match: made once, because a text has many matches.
struct MatchState {
    MatchState() : data(pcre2_match_data_create(1, nullptr)), context(pcre2_match_context_create(nullptr)), stack(pcre2_jit_stack_create(32U << 10, kJitStackBytes, nullptr)) {
        pcre2_set_match_limit(context, kMatchLimit);
        pcre2_set_heap_limit(context, kHeapLimitKibibytes);
        pcre2_jit_stack_assign(context, nullptr, stack);
    }
    ~MatchState() {
        pcre2_jit_stack_free(stack);
        pcre2_match_context_free(context);
        pcre2_match_data_free(data);
    }
    MatchState(const MatchState&) = delete;
    MatchState& operator=(const MatchState&) = delete;
    pcre2_match_data* data;
    pcre2_match_context* context;
    pcre2_jit_stack* stack;
};

std::string messageOf(int code) {
    std::array<PCRE2_UCHAR, 256> buffer{};
    pcre2_get_error_message(code, buffer.data(), buffer.size());
    return reinterpret_cast<const char*>(buffer.data());
}

} // namespace

Result<std::shared_ptr<const Regex>> Regex::compile(std::string_view pattern) {
    if (pattern.size() > kMaxPatternBytes)
        return Error{ErrorCode::TokenizerInvalid, "regular expression of " + std::to_string(pattern.size()) + " bytes", {}};
    SINKSCOPE_TRY(const std::string ours, translateRegex(pattern));
    int error = 0;
    PCRE2_SIZE position = 0;
    // ^ and $ are the ends of lines in the dialect of tokenizer.json.
    pcre2_code* code = pcre2_compile(reinterpret_cast<PCRE2_SPTR>(ours.data()), ours.size(), PCRE2_UTF | PCRE2_UCP | PCRE2_MULTILINE | PCRE2_NEVER_BACKSLASH_C,
                                     &error, &position, nullptr);
    if (!code)
        return Error{ErrorCode::TokenizerInvalid, "regular expression: " + messageOf(error) + ": " + std::string(pattern.substr(0, 80)), {}};
    pcre2_jit_compile(code, PCRE2_JIT_COMPLETE); // where there is no JIT, matching interprets
    return std::shared_ptr<const Regex>(new Regex(code, {}));
}

Result<std::shared_ptr<const Regex>> Regex::literal(std::string_view text) {
    if (text.empty())
        return compile("");
    return std::shared_ptr<const Regex>(new Regex(nullptr, std::string(text)));
}

Regex::~Regex() { pcre2_code_free(static_cast<pcre2_code*>(m_code)); }

Result<void> Regex::findIn(std::string_view text, std::vector<PatternMatch>& matches) const {
    if (!m_code) {
        matchLiteral(text, m_literal, matches);
        return {};
    }
    static thread_local const MatchState state;
    const auto* code = static_cast<const pcre2_code*>(m_code);
    const PCRE2_SIZE* bounds = pcre2_get_ovector_pointer(state.data);
    std::size_t from = 0, covered = 0;
    while (from <= text.size() && !text.empty()) {
        const int found = pcre2_match(code, reinterpret_cast<PCRE2_SPTR>(text.data()), text.size(), from, PCRE2_NO_UTF_CHECK, state.data, state.context);
        if (found == PCRE2_ERROR_NOMATCH)
            break;
        if (found < 0)
            return Error{ErrorCode::TokenizerInvalid, "a regular expression does not finish: " + messageOf(found), {}};
        const std::size_t begin = bounds[0], end = bounds[1];
        const bool repeated = begin == end && end == covered && !matches.empty(); // an empty match right after a match does not count
        if (repeated || begin > end || begin < covered) {
            from += from < text.size() ? codePointAt(text, from).bytes : 1;
            continue;
        }
        if (begin > covered)
            matches.push_back({covered, begin, false});
        matches.push_back({begin, end, true});
        covered = from = end;
    }
    if (covered < text.size())
        matches.push_back({covered, text.size(), false});
    return {};
}

PreTokens::Matcher Regex::matcher() const {
    return [this](std::string_view part, std::vector<PatternMatch>& matches) { return findIn(part, matches); };
}

} // namespace sinkscope
