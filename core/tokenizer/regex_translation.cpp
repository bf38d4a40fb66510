// SPDX-License-Identifier: Apache-2.0
#include "core/tokenizer/regex_translation.h"

#include "core/tokenizer/regex_classes.h"

#include <cctype>
#include <vector>

namespace sinkscope {
namespace {

/// Classes are spelled out: a pattern of many could grow without end.
constexpr std::size_t kMaxTranslatedBytes = 1U << 19;
constexpr int kMaxClassDepth = 16;

class Translation {
public:
    explicit Translation(std::string_view pattern) : m_pattern(pattern) {}

    Result<std::string> run() {
        while (m_at < m_pattern.size()) {
            const char c = m_pattern[m_at];
            if (m_out.size() > kMaxTranslatedBytes)
                return tooMany();
            if (c == '\\')
                SINKSCOPE_CHECK(escape());
            else if (c == '[')
                SINKSCOPE_CHECK(characterClass());
            else if (m_pattern.substr(m_at).starts_with("(?"))
                group();
            else if (c == '}' && m_at + 1 < m_pattern.size() && m_pattern[m_at + 1] == '+')
                return unsupported("a repeated interval");
            else
                m_out += m_pattern[m_at++];
        }
        return std::move(m_out);
    }

private:
    static Error tooMany() { return Error{ErrorCode::TokenizerInvalid, "a regular expression with too many classes", {}}; }
    [[nodiscard]] Error unsupported(const std::string& what) const {
        return Error{ErrorCode::TokenizerUnsupported,
                     what + " in a regular expression is not supported (at byte " + std::to_string(m_at) + " of " + std::string(m_pattern.substr(0, 80)) + ')', {}};
    }
    [[nodiscard]] char peek(std::size_t ahead) const { return m_at + ahead < m_pattern.size() ? m_pattern[m_at + ahead] : '\0'; }

    /// Members for an escape that stands for a set; nothing when it is another escape. Moves on only in the first case.
    Result<std::optional<std::string>> escapedSet() {
        const char kind = peek(1);
        const char lower = static_cast<char>(std::tolower(static_cast<unsigned char>(kind)));
        const bool negated = kind != lower;
        if (lower == 's' || lower == 'w' || lower == 'd' || lower == 'h') {
            m_at += 2;
            return std::optional(shorthandMembers(lower, negated));
        }
        if (lower != 'p')
            return std::optional<std::string>();
        const std::size_t end = m_pattern.find('}', m_at);
        if (peek(2) != '{' || end == std::string_view::npos)
            return unsupported("a property without braces");
        std::string_view name = m_pattern.substr(m_at + 3, end - m_at - 3);
        const bool inverted = name.starts_with('^');
        if (inverted)
            name.remove_prefix(1);
        auto members = propertyMembers(name, negated != inverted);
        if (!members)
            return unsupported("the property \"" + std::string(name.substr(0, 40)) + '"');
        m_at = end + 1;
        return members;
    }

    Result<void> escape() {
        SINKSCOPE_TRY(const auto set, escapedSet());
        if (set)
            m_out.append("[").append(*set).append("]");
        else if (peek(1) == 'b' || peek(1) == 'B')
            wordBoundary(peek(1) == 'B');
        else
            m_out += plainEscape();
        return {};
    }

    /// Spelled out, because PCRE2's own takes other characters for words.
    void wordBoundary(bool negated) {
        const std::string word = '[' + shorthandMembers('w', false) + ']';
        const std::string enters = negated ? "(?=" : "(?!", stays = negated ? "(?!" : "(?=";
        m_out += "(?:(?<=" + word + ')' + enters + word + ")|(?<!" + word + ')' + stays + word + "))";
        m_at += 2;
    }

    std::string plainEscape() {
        const bool hexadecimal = peek(1) == 'u' && m_pattern.size() - m_at >= 6;
        const std::string_view escape = m_pattern.substr(m_at, hexadecimal ? 6 : 2);
        m_at += escape.size();
        return hexadecimal ? "\\x{" + std::string(escape.substr(2)) + '}' : std::string(escape);
    }

    Result<void> characterClass() {
        SINKSCOPE_TRY(const ClassSet set, classSet(0));
        m_out += spelled(set);
        return {};
    }

    /// A class, or what a class within a class adds to it: members that PCRE2 can list, and parts that it cannot.
    struct ClassSet {
        std::string members;            ///< for the inside of brackets
        std::vector<std::string> parts; ///< expressions that each match one character
        bool negated = false;
        [[nodiscard]] bool isList() const { return parts.empty() && !negated; }
    };

    /// An expression that matches one character of the set.
    static std::string spelled(const ClassSet& set) {
        if (set.parts.empty())
            return (set.negated ? "[^" : "[") + set.members + ']';
        std::string any = "(?:";
        if (!set.members.empty())
            any += '[' + set.members + "]|";
        for (const std::string& part : set.parts)
            any += part + (&part == &set.parts.back() ? ")" : "|");
        return set.negated ? "(?:(?!" + any + ")(?s:.))" : any;
    }

    /// From the bracket that opens it to behind the one that closes it. Sides of "&&" bind less than everything else in a class.
    Result<ClassSet> classSet(int depth) {
        if (depth > kMaxClassDepth)
            return unsupported("a deeply nested class");
        ++m_at;
        const bool negated = peek(0) == '^';
        m_at += negated ? 1 : 0;
        ClassSet set;
        if (peek(0) == ']') { // first, it stands for itself
            set.members = "\\]";
            ++m_at;
        }
        std::string others; // sides of intersections before this one, as conditions
        while (m_at < m_pattern.size() && m_pattern[m_at] != ']' && m_listed <= kMaxTranslatedBytes) {
            if (m_pattern[m_at] == '\\') {
                SINKSCOPE_TRY(const auto members, escapedSet());
                set.members += members ? *members : plainEscape();
                m_listed += members ? members->size() : 0;
            } else if (m_pattern[m_at] == '[') {
                SINKSCOPE_CHECK(bracket(set, depth));
            } else if (m_pattern[m_at] == '&' && peek(1) == '&') {
                m_at += 2;
                if (set.members.empty() && set.parts.empty())
                    return unsupported("an intersection with nothing");
                others += "(?=" + spelled(set) + ')';
                set = {};
            } else {
                set.members += m_pattern[m_at++];
            }
        }
        if (m_listed > kMaxTranslatedBytes)
            return tooMany();
        if (m_at >= m_pattern.size())
            return Error{ErrorCode::TokenizerInvalid, "regular expression: a class is not closed: " + std::string(m_pattern.substr(0, 80)), {}};
        if (set.members.empty() && set.parts.empty())
            return unsupported("an empty class");
        ++m_at;
        if (!others.empty())
            set = ClassSet{{}, {"(?:" + others + spelled(set) + ')'}, false};
        set.negated = negated;
        return set;
    }

    /// "[:name:]"; any other bracket opens a class within the class, whose members are added to it.
    Result<void> bracket(ClassSet& set, int depth) {
        const std::size_t end = m_pattern.find(":]", m_at);
        if (peek(1) != ':' || end == std::string_view::npos) {
            SINKSCOPE_TRY(const ClassSet inner, classSet(depth + 1));
            if (inner.isList())
                set.members += inner.members;
            else
                set.parts.push_back(spelled(inner));
            return {};
        }
        std::string_view name = m_pattern.substr(m_at + 2, end - m_at - 2);
        const bool negated = name.starts_with('^');
        if (negated)
            name.remove_prefix(1);
        const auto members = propertyMembers(name, negated);
        if (!members)
            return unsupported("the class \"" + std::string(name.substr(0, 40)) + '"');
        set.members += *members;
        m_listed += members->size();
        m_at = end + 2;
        return {};
    }

    /// "(?imx-imx:" and "(?imx)": the engine's m is PCRE2's s.
    void group() {
        std::size_t end = m_at + 2;
        while (end < m_pattern.size() && (m_pattern[end] == 'i' || m_pattern[end] == 'm' || m_pattern[end] == 'x' || m_pattern[end] == '-'))
            ++end;
        const bool options = end < m_pattern.size() && (m_pattern[end] == ':' || m_pattern[end] == ')');
        for (const std::size_t stop = options ? end : m_at + 2; m_at < stop; ++m_at)
            m_out += options && m_pattern[m_at] == 'm' ? 's' : m_pattern[m_at];
    }

    std::string_view m_pattern;
    std::size_t m_at = 0;
    std::size_t m_listed = 0; ///< bytes of members that sets stand for
    std::string m_out;
};

} // namespace

Result<std::string> translateRegex(std::string_view pattern) { return Translation(pattern).run(); }

} // namespace sinkscope
