// SPDX-License-Identifier: Apache-2.0
#include "core/tokenizer/pipeline.h"

#include "core/tokenizer/display_text.h"
#include "core/tokenizer/encode_pieces.h"
#include "core/tokenizer/unicode.h"

#include <algorithm>

namespace sinkscope {
namespace {

/// Added tokens, normalizer, pre-tokenizer, model and template, one after the other.
class PipelineTokenizer : public Tokenizer {
public:
    explicit PipelineTokenizer(TokenizerParts parts) : m_parts(std::move(parts)), m_bos(findBos()) {}

    [[nodiscard]] Result<Encoding> encode(std::string_view text, bool addSpecial) const override {
        if (text.size() > kMaxTextBytes)
            return Error{ErrorCode::TextTooLong, "the text has " + std::to_string(text.size()) + " bytes, above the limit of " + std::to_string(kMaxTextBytes), {}};
        if (const auto invalid = firstInvalidUtf8(text))
            return Error{ErrorCode::InvalidUtf8, "the text is not UTF-8 at byte " + std::to_string(*invalid), {}};
        SINKSCOPE_TRY(PreTokens pieces, divided(text));
        if (m_parts.preTokenizer)
            SINKSCOPE_CHECK(m_parts.preTokenizer->apply(pieces));
        SINKSCOPE_TRY(Encoding encoding, encodePieces(*m_parts.model, pieces, text));
        if (m_parts.postProcessor)
            m_parts.postProcessor->apply(encoding, addSpecial);
        return encoding;
    }

    [[nodiscard]] std::size_t vocabularySize() const override { return m_parts.model->size() + m_parts.added.beyondModel(); }
    [[nodiscard]] std::string_view kind() const override { return m_parts.model->kind(m_parts.byteLevel); }
    [[nodiscard]] std::optional<std::string> pieceOf(std::int32_t id) const override {
        if (const AddedToken* added = m_parts.added.find(id))
            return added->content;
        const auto piece = m_parts.model->pieceOf(id);
        return piece ? std::optional<std::string>(*piece) : std::nullopt;
    }
    [[nodiscard]] std::optional<std::int32_t> idOf(std::string_view piece) const override {
        const auto added = m_parts.added.idOf(piece);
        return added ? added : m_parts.model->idOf(piece);
    }
    [[nodiscard]] std::optional<std::int32_t> bosId() const override { return m_bos; }
    [[nodiscard]] std::string displayText(std::int32_t id) const override {
        const auto piece = pieceOf(id);
        if (!piece)
            return "\u27e8" + std::to_string(id) + "\u27e9";
        return displayTextOf(*piece, m_parts.added.find(id) ? PieceSpelling::Plain : m_parts.byteLevel ? PieceSpelling::ByteLevel : PieceSpelling::SentencePiece);
    }

private:
    /// Added tokens and normalized text, in order.
    [[nodiscard]] Result<PreTokens> divided(std::string_view text) const {
        std::vector<TextPart> raw, parts;
        m_parts.added.divide(NormalizedText(text, 0), false, raw);
        PreTokens pieces(mostNormalizedBytes(text.size()));
        for (TextPart& part : raw) {
            if (part.token >= 0) {
                SINKSCOPE_CHECK(pieces.append(part.text, part.token));
                continue;
            }
            if (m_parts.normalizer)
                SINKSCOPE_CHECK(m_parts.normalizer->apply(part.text));
            parts.clear();
            m_parts.added.divide(std::move(part.text), true, parts);
            for (const TextPart& inner : parts)
                SINKSCOPE_CHECK(pieces.append(inner.text, inner.token));
        }
        return pieces;
    }

    [[nodiscard]] std::optional<std::int32_t> findBos() const {
        if (m_parts.bosPiece)
            if (const auto id = idOf(*m_parts.bosPiece))
                return id;
        // Without a declaration, a template that begins with a well-known name says enough; others may begin with a language or a task.
        constexpr std::string_view kNames[] = {"<s>", "<bos>", "<|endoftext|>", "<|begin_of_text|>", "<|startoftext|>", "[CLS]"};
        const auto first = m_parts.postProcessor ? m_parts.postProcessor->firstSpecial() : std::nullopt;
        const auto piece = first ? pieceOf(*first) : std::nullopt;
        return piece && std::ranges::find(kNames, *piece) != std::end(kNames) ? first : std::nullopt;
    }

    TokenizerParts m_parts;
    std::optional<std::int32_t> m_bos;
};

} // namespace

std::shared_ptr<const Tokenizer> makePipeline(TokenizerParts parts) { return std::make_shared<const PipelineTokenizer>(std::move(parts)); }

} // namespace sinkscope
