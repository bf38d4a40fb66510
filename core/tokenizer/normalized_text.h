// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"

#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sinkscope {

/// The longest that a text (kMaxTextBytes of tokenizer.h) may become on its way to the model, in bytes.
inline constexpr std::size_t kMaxNormalizedBytes = 64U << 20;
/// The same for a text of so many bytes. No character becomes more than 18 others in any normal form, nor a byte more than two in the byte
/// alphabet; what grows faster was made to fill memory.
constexpr std::size_t mostNormalizedBytes(std::size_t original) { return std::min(kMaxNormalizedBytes, (std::size_t{1} << 20) + 32 * original); }
/// TextTooLong, for a text that would be longer than so many bytes.
Error normalizedTooLong(std::size_t mostBytes);

/// Byte range of the original text.
struct ByteRange {
    std::uint32_t begin = 0, end = 0;
    bool operator==(const ByteRange&) const = default;
};

/// One character of a transformation: what it is, and how it came about. Change 0 replaces one character, 1 is inserted (and takes the
/// origin of what precedes it), -n replaces one character and swallows the n that follow.
struct CharacterChange {
    char32_t character = 0;
    int change = 0;
};

/// How a match of a pattern divides a text.
enum class SplitBehavior { Removed, Isolated, MergedWithPrevious, MergedWithNext, Contiguous };
struct PatternMatch {
    std::size_t begin = 0, end = 0;
    bool isMatch = false;
};
/// Turns consecutive matches and gaps that cover a text into ranges to keep (isMatch true: to drop).
void applyBehavior(std::vector<PatternMatch>& matches, SplitBehavior behavior);
/// Appends the matches of single characters that satisfy a predicate, and the gaps between them.
void matchCharacters(std::string_view text, bool (*predicate)(char32_t), std::vector<PatternMatch>& matches);
/// Appends the places of a literal from left to right, and the gaps between them. An empty literal is nowhere.
void matchLiteral(std::string_view text, std::string_view literal, std::vector<PatternMatch>& matches);

/// A text on its way through normalizers and pre-tokenizers: every byte knows which bytes of the original it came from. The rules of origin are
/// those of the Hugging Face tokenizers library, so that offsets agree.
class NormalizedText {
public:
    NormalizedText() = default;
    /// A piece of the original text that begins at a byte offset.
    NormalizedText(std::string_view original, std::size_t offset);
    /// A copy of a part that is on its way already; `origins` has one entry per byte.
    void assign(std::string_view text, std::span<const ByteRange> origins, std::size_t originalBegin);

    [[nodiscard]] const std::string& text() const { return m_text; }
    [[nodiscard]] std::span<const ByteRange> origins() const { return m_origin; } ///< one per byte of `text`
    [[nodiscard]] bool empty() const { return m_text.empty(); }
    /// How long it may become.
    [[nodiscard]] std::size_t mostBytes() const { return m_mostBytes; }
    /// Where the original piece begins.
    [[nodiscard]] std::size_t originalBegin() const { return m_originalBegin; }
    [[nodiscard]] NormalizedText slice(std::size_t begin, std::size_t end) const;

    /// Replaces everything; `removedAtStart` characters vanish before the first change.
    void transform(const std::vector<CharacterChange>& changes, std::size_t removedAtStart = 0);
    /// Keeps the characters that satisfy the predicate.
    template <typename Keep> void filter(Keep keep);
    /// Replaces characters one by one.
    template <typename Map> void map(Map mapping);
    void prepend(std::string_view prefix);
    /// Replaces every match; the new text takes the origin of the last byte it replaces. Errors: TextTooLong.
    Result<void> replace(const std::vector<PatternMatch>& matches, std::string_view content);

private:
    [[nodiscard]] std::vector<char32_t> characters() const;
    std::string m_text;
    std::vector<ByteRange> m_origin; ///< one per byte of m_text
    std::size_t m_originalBegin = 0, m_mostBytes = mostNormalizedBytes(0);
};

} // namespace sinkscope

#include "core/tokenizer/normalized_text_inl.h"
