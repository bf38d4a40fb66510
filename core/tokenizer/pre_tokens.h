// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/tokenizer/normalized_text.h"

#include <functional>

namespace sinkscope {

/// One part of a text on its way to the model: bytes [begin, end) of PreTokens::text.
struct PreToken {
    std::uint32_t begin = 0, end = 0;
    std::uint32_t originalBegin = 0; ///< where it starts in the original text
    std::int32_t token = -1;         ///< the id of the added token that it is; nothing touches such a part any more
};

/// A normalized text divided into parts. They share one buffer, so that dividing copies no text.
class PreTokens {
public:
    /// `mostBytes`: how long the text may become.
    explicit PreTokens(std::size_t mostBytes) : m_mostBytes(mostBytes) {}

    /// Finds the matches in one part, relative to it, covering it in order.
    using Matcher = std::function<Result<void>(std::string_view part, std::vector<PatternMatch>& matches)>;

    [[nodiscard]] const std::vector<PreToken>& parts() const { return m_parts; }
    [[nodiscard]] std::string_view textOf(const PreToken& part) const {
        return std::string_view(m_text).substr(part.begin, part.end - part.begin);
    }
    /// Origin of bytes [begin, end) of a part.
    [[nodiscard]] ByteRange originOf(const PreToken& part, std::size_t begin, std::size_t end) const;

    /// Appends a text: free text for the pre-tokenizers, or an added token. An empty one is left out. Errors: TextTooLong.
    Result<void> append(const NormalizedText& text, std::int32_t token = -1);
    /// Divides every part that is no added token. Errors: those of `matcher`.
    Result<void> split(const Matcher& matcher, SplitBehavior behavior);
    Result<void> splitAt(bool (*predicate)(char32_t), SplitBehavior behavior);
    /// Rewrites every part that is no added token. Errors: those of `change`, TextTooLong.
    Result<void> rewrite(const std::function<Result<void>(NormalizedText&)>& change);
    /// Spells the bytes of every part that is no added token in the byte alphabet. Errors: TextTooLong.
    Result<void> toByteLevel();

private:
    Result<void> append(std::string_view text, std::span<const ByteRange> origins, std::uint32_t originalBegin, std::int32_t token);

    std::size_t m_mostBytes;
    std::string m_text;
    std::vector<ByteRange> m_origins; ///< one per byte of m_text
    std::vector<PreToken> m_parts;    ///< in order, none empty
};

} // namespace sinkscope
