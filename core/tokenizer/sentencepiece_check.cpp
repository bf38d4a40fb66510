// SPDX-License-Identifier: Apache-2.0
#include "core/tokenizer/sentencepiece_check.h"

#include "core/tokenizer/character_map.h"
#include "core/tokenizer/unicode.h"
#include "core/tokenizer/vocabulary.h"

#include <bit>
#include <cmath>
#include <optional>
#include <unordered_set>

namespace sinkscope {
namespace {

constexpr std::size_t kMaxFileBytes = 64U << 20; ///< published ones have at most 5 MB

Error invalid(const std::string& what) { return Error{ErrorCode::TokenizerInvalid, "SentencePiece file: " + what, {}}; }

/// One field of a message: its number, and its bytes (kind 2), or its value (the other kinds).
struct Field {
    std::uint64_t number = 0, value = 0;
    unsigned kind = 0;
    std::string_view bytes;
};

/// Reads the fields of a message one after the other (the wire format of protocol buffers).
class Fields {
public:
    explicit Fields(std::string_view message) : m_rest(message) {}
    [[nodiscard]] bool atEnd() const { return m_rest.empty(); }

    std::optional<Field> next() {
        Field field;
        const auto key = varint();
        if (!key)
            return std::nullopt;
        field.number = *key >> 3;
        field.kind = static_cast<unsigned>(*key & 7U);
        std::optional<std::uint64_t> length = field.kind == 1 ? std::optional<std::uint64_t>(8) : field.kind == 5 ? std::optional<std::uint64_t>(4) : std::nullopt;
        if (field.kind == 0 || field.kind == 2) {
            length = varint();
            field.value = length.value_or(0);
        }
        if (field.number == 0 || !length || field.kind == 3 || field.kind == 4 || field.kind > 5)
            return std::nullopt;
        if (field.kind == 0)
            return field;
        if (*length > m_rest.size())
            return std::nullopt;
        field.bytes = m_rest.substr(0, static_cast<std::size_t>(*length));
        m_rest.remove_prefix(field.bytes.size());
        if (field.kind != 2)
            for (std::size_t i = 0; i < field.bytes.size(); ++i)
                field.value |= static_cast<std::uint64_t>(static_cast<unsigned char>(field.bytes[i])) << (8 * i);
        return field;
    }

private:
    std::optional<std::uint64_t> varint() {
        std::uint64_t value = 0;
        for (unsigned shift = 0; shift < 64 && !m_rest.empty(); shift += 7) {
            const auto byte = static_cast<unsigned char>(m_rest.front());
            m_rest.remove_prefix(1);
            value |= static_cast<std::uint64_t>(byte & 0x7FU) << shift;
            if (byte < 0x80)
                return value;
        }
        return std::nullopt;
    }
    std::string_view m_rest;
};

/// Calls use(field) for every field. Errors: a message that is cut or of unknown build, and those of `use`.
template <typename Use> Result<void> forEachField(std::string_view message, Use use) {
    for (Fields fields(message); !fields.atEnd();) {
        const auto field = fields.next();
        if (!field)
            return invalid("not a protocol buffer");
        SINKSCOPE_CHECK(use(*field));
    }
    return {};
}

/// A piece is its text (1), its score (2) and its type (3).
Result<void> checkPiece(std::string_view message, std::unordered_set<std::string_view>& seen) {
    std::string_view text;
    SINKSCOPE_CHECK(forEachField(message, [&](const Field& field) -> Result<void> {
        if (field.number == 1 && field.kind == 2)
            text = field.bytes;
        if (field.number == 2 && (field.kind != 5 || !std::isfinite(std::bit_cast<float>(static_cast<std::uint32_t>(field.value)))))
            return invalid("a piece whose score is no number");
        return {};
    }));
    if (text.empty() || text.size() > Vocabulary::kMaxPieceBytes || text.find('\0') != std::string_view::npos || firstInvalidUtf8(text))
        return invalid("a piece that is empty, very long or no text");
    return seen.insert(text).second ? Result<void>() : invalid("a piece that is there twice");
}

/// In a specification of normalization, field 2 is the character map.
Result<void> checkNormalizer(std::string_view message) {
    return forEachField(message, [](const Field& field) -> Result<void> {
        if (field.number == 2 && !field.bytes.empty())
            SINKSCOPE_CHECK(CharacterMap::fromBytes(field.bytes));
        return {};
    });
}

} // namespace

Result<int> checkSentencePiece(std::string_view bytes) {
    if (bytes.size() > kMaxFileBytes)
        return invalid(std::to_string(bytes.size()) + " bytes");
    std::unordered_set<std::string_view> pieces;
    int kind = 1; // what a file means that says nothing
    std::size_t normalizers = 0;
    SINKSCOPE_CHECK(forEachField(bytes, [&](const Field& field) -> Result<void> {
        if (field.number > 5)
            return {};
        if (field.kind != 2)
            return invalid("a member of the wrong kind");
        if (field.number == 1)
            return checkPiece(field.bytes, pieces);
        if (field.number == 2)
            return forEachField(field.bytes, [&](const Field& inner) -> Result<void> {
                if (inner.number == 3 && inner.kind == 0)
                    kind = static_cast<int>(inner.value & 0xFFU);
                return {};
            });
        if (field.number == 4)
            return invalid("tests of its own, which are not supported");
        normalizers += field.number == 3 ? 1 : 0;
        return normalizers > 1 ? Result<void>(invalid("normalization is described twice")) : checkNormalizer(field.bytes);
    }));
    if (pieces.empty())
        return invalid("no pieces");
    if (kind != 1 && kind != 2)
        return Error{ErrorCode::TokenizerUnsupported, "a SentencePiece model that is neither Unigram nor BPE is not supported", {}};
    return kind;
}

} // namespace sinkscope
