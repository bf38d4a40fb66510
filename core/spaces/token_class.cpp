// SPDX-License-Identifier: Apache-2.0
#include "core/spaces/token_class.h"

#include "core/tokenizer/unicode.h"

#include <algorithm>
#include <array>

namespace sinkscope {
namespace {

constexpr std::array<std::string_view, 6> kNames{"special", "whitespace", "punctuation", "number", "word_start", "continuation"};

/// Which kinds of characters a text has, besides white space.
struct Content {
    bool spaceFirst = false, digits = false, punctuation = false, others = false;
    [[nodiscard]] bool empty() const { return !digits && !punctuation && !others; }
};

bool isSpace(char32_t c) {
    return isWhiteSpace(c) || c == 0x2581 || (c >= 0x2400 && c <= 0x2426); // white space as displayed: the mark of a space, pictures of controls
}

Content contentOf(std::string_view text) {
    Content content;
    if (firstInvalidUtf8(text)) {
        content.others = true;
        return content;
    }
    for (std::size_t at = 0; at < text.size();) {
        const CodePoint point = codePointAt(text, at);
        if (isSpace(point.value))
            content.spaceFirst = content.spaceFirst || at == 0;
        else if (isNumeric(point.value))
            content.digits = true;
        else if (isPunctuation(point.value))
            content.punctuation = true;
        else
            content.others = true;
        at += point.bytes;
    }
    return content;
}

bool isWordPart(TokenClass previous) { return previous == TokenClass::WordStart || previous == TokenClass::Continuation; }

} // namespace

std::string_view nameOf(TokenClass tokenClass) { return kNames[static_cast<std::size_t>(tokenClass)]; }

std::vector<TokenClass> tokenClasses(const SampleTokens& tokens) {
    std::vector<TokenClass> classes;
    const std::vector<std::string>& pieces = tokens.encoding.pieces;
    // A vocabulary that writes spaces into its pieces, or one that marks what continues a word.
    const bool marksSpaces = std::ranges::any_of(tokens.display, [](const std::string& text) { return contentOf(text).spaceFirst; });
    TokenClass previous = TokenClass::Special;
    for (std::size_t i = 0; i < tokens.display.size(); ++i) {
        const bool marked = i < pieces.size() && pieces[i].size() > 2 && pieces[i].starts_with("##");
        const std::string_view text = tokens.display[i];
        const Content content = contentOf(marked && text.starts_with("##") ? text.substr(2) : text);
        if (i < tokens.encoding.special.size() && tokens.encoding.special[i] != 0)
            previous = TokenClass::Special;
        else if (content.empty())
            previous = TokenClass::Whitespace;
        else if (!content.others && content.digits)
            previous = TokenClass::Number;
        else if (!content.others)
            previous = TokenClass::Punctuation;
        else if (marked || (marksSpaces && !content.spaceFirst && isWordPart(previous)))
            previous = TokenClass::Continuation;
        else
            previous = TokenClass::WordStart;
        classes.push_back(previous);
    }
    return classes;
}

} // namespace sinkscope
