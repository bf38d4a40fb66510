// SPDX-License-Identifier: Apache-2.0
// All of libsinkscope_sentencepiece.so.
#include "core/tokenizer/sentencepiece_module.h"

#include <sentencepiece_processor.h>

#include <algorithm>
#include <array>
#include <limits>

namespace sinkscope {
namespace {

constexpr std::string_view kSpace = "\u2581";
/// Members of one message that is there twice are merged, the later ones win: "normalization, add_dummy_prefix: false".
constexpr std::string_view kWithoutPrefix("\x1A\x02\x18\x00", 4);

class SentencePieceModel : public TokenizerModel {
public:
    SentencePieceModel(SentencePieceUse use, int kind) : m_use(use), m_kind(kind) {}

    Result<void> load(std::string_view bytes) {
        std::string model(bytes);
        if (!m_use.legacy)
            model += kWithoutPrefix;
        if (const auto status = m_processor.LoadFromSerializedProto(model); !status.ok())
            return Error{ErrorCode::TokenizerInvalid, "SentencePiece file: " + status.ToString(), {}};
        m_unknown = m_processor.unk_id();
        m_pieces = m_processor.GetPieceSize();
        m_unknownPiece = m_unknown < 0 ? std::string() : m_processor.IdToPiece(m_unknown);
        if (!m_use.legacy) {
            SINKSCOPE_TRY(m_guardTokens, countOf(m_unknownPiece));
        }
        return {};
    }

    /// Without legacy, the library would drop a space at the start: something is put before it, and its tokens are left out again.
    [[nodiscard]] Result<void> tokenize(std::string_view text, std::vector<ModelToken>& out) const override {
        const bool guarded = !m_use.legacy && (text.starts_with(' ') || text.starts_with(kSpace));
        const std::string guard = guarded ? m_unknownPiece + std::string(text) : std::string();
        sentencepiece::ImmutableSentencePieceText encoded;
        const auto status = m_processor.Encode(guarded ? std::string_view(guard) : text, encoded.mutable_proto());
        if (!status.ok())
            return Error{ErrorCode::TokenizerInvalid, "SentencePiece: " + status.ToString(), {}};
        const std::size_t skipped = guarded ? m_unknownPiece.size() : 0, before = out.size();
        const std::size_t first = guarded ? m_guardTokens : 0;
        const auto placeOf = [&](std::uint32_t at) { return static_cast<std::uint32_t>(std::min(at > skipped ? at - skipped : 0, text.size())); };
        for (std::size_t i = first; i < encoded.pieces_size(); ++i) {
            const auto piece = encoded.pieces(static_cast<int>(i));
            out.push_back({ours(static_cast<int>(piece.id())), placeOf(piece.begin()), placeOf(piece.end())});
        }
        spreadBytes(encoded, first, out, before);
        return {};
    }

    [[nodiscard]] std::optional<std::int32_t> idOf(std::string_view piece) const override {
        if (m_use.shifted)
            for (std::size_t i = 0; i < kShifted.size(); ++i)
                if (piece == kShifted[i])
                    return static_cast<std::int32_t>(i);
        const int id = m_processor.PieceToId(piece);
        if (id == m_unknown && piece != m_unknownPiece)
            return m_use.shifted && piece == "<mask>" ? std::optional(m_pieces + 1) : std::nullopt;
        return ours(id);
    }
    [[nodiscard]] std::optional<std::string_view> pieceOf(std::int32_t id) const override {
        if (m_use.shifted && id >= 0 && id < static_cast<int>(kShifted.size()))
            return kShifted[static_cast<std::size_t>(id)];
        if (m_use.shifted && id == m_pieces + 1)
            return "<mask>";
        const int theirs = m_use.shifted ? id - 1 : id;
        return theirs >= 0 && theirs < m_pieces ? std::optional<std::string_view>(m_processor.IdToPiece(theirs)) : std::nullopt;
    }
    [[nodiscard]] std::size_t size() const override { return static_cast<std::size_t>(m_pieces) + (m_use.shifted ? 2 : 0); }
    [[nodiscard]] std::string_view kind(bool) const override { return m_kind == 1 ? "SentencePiece Unigram" : "SentencePiece BPE"; }

private:
    static constexpr std::array<std::string_view, 4> kShifted = {"<s>", "<pad>", "</s>", "<unk>"};

    [[nodiscard]] std::int32_t ours(int id) const { return !m_use.shifted ? id : id == m_unknown ? 3 : id + 1; }

    [[nodiscard]] Result<std::size_t> countOf(const std::string& text) const {
        std::vector<int> ids;
        const auto status = m_processor.Encode(text, &ids);
        return status.ok() ? Result<std::size_t>(ids.size()) : Error{ErrorCode::TokenizerInvalid, "SentencePiece: " + status.ToString(), {}};
    }

    /// The library gives a character that is spelled in bytes to the last of them. Here each of them covers it, as in other tokenizers.
    void spreadBytes(const sentencepiece::ImmutableSentencePieceText& encoded, std::size_t first, std::vector<ModelToken>& out, std::size_t before) const {
        for (std::size_t i = out.size(); i-- > before + 1;) {
            const auto at = static_cast<int>(first + i - before);
            const bool bytes = m_processor.IsByte(static_cast<int>(encoded.pieces(at).id())) && m_processor.IsByte(static_cast<int>(encoded.pieces(at - 1).id()));
            if (bytes && out[i - 1].begin == out[i - 1].end && out[i - 1].end == out[i].begin)
                out[i - 1].end = out[i].end;
        }
    }

    SentencePieceUse m_use;
    int m_kind, m_unknown = 0, m_pieces = 0;
    std::string m_unknownPiece;
    std::size_t m_guardTokens = 0;
    sentencepiece::SentencePieceProcessor m_processor;
};

Result<std::unique_ptr<const TokenizerModel>> make(std::string_view bytes, SentencePieceUse use, int kind) {
    auto model = std::make_unique<SentencePieceModel>(use, kind);
    SINKSCOPE_CHECK(model->load(bytes));
    return std::unique_ptr<const TokenizerModel>(std::move(model));
}

constexpr SentencePieceModule kModule{SINKSCOPE_VERSION, make};

} // namespace
} // namespace sinkscope

extern "C" __attribute__((visibility("default"))) const sinkscope::SentencePieceModule* sinkscopeSentencePieceModule();

extern "C" const sinkscope::SentencePieceModule* sinkscopeSentencePieceModule() { return &sinkscope::kModule; }
