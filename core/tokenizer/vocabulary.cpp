// SPDX-License-Identifier: Apache-2.0
#include "core/tokenizer/vocabulary.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <bit>

namespace sinkscope {
namespace {

std::uint32_t hashOf(std::string_view piece) {
    const std::size_t hash = TextHash{}(piece);
    return static_cast<std::uint32_t>(hash ^ (hash >> 32));
}

} // namespace

Result<Vocabulary> Vocabulary::fromJson(const Json& object) {
    if (!object.is_object())
        return Error{ErrorCode::TokenizerInvalid, "the vocabulary is not an object", {}};
    Vocabulary vocabulary;
    vocabulary.m_slots.resize(std::bit_ceil(object.size() * 2 + 2));
    for (const auto& [piece, value] : object.items()) {
        const bool whole = value.is_number_integer();
        const std::int64_t id = whole ? value.get<std::int64_t>() : -1;
        if (id < 0 || id > kMaxId)
            return Error{ErrorCode::TokenizerInvalid, "the vocabulary gives \"" + piece.substr(0, 80) + "\" no usable id", {}};
        if (piece.size() > kMaxPieceBytes)
            return Error{ErrorCode::TokenizerInvalid, "a piece of the vocabulary has " + std::to_string(piece.size()) + " bytes", {}};
        vocabulary.add(piece, static_cast<std::int32_t>(id));
    }
    return vocabulary;
}

void Vocabulary::add(std::string_view piece, std::int32_t id) {
    const auto begin = static_cast<std::uint32_t>(m_text.size());
    const auto length = static_cast<std::uint32_t>(piece.size());
    m_text += piece;
    const std::uint32_t hash = hashOf(piece);
    m_slots[slotOf(piece, hash)] = {hash, begin, length, id};
    if (static_cast<std::size_t>(id) >= m_pieces.size())
        m_pieces.resize(static_cast<std::size_t>(id) + 1);
    m_pieces[static_cast<std::size_t>(id)] = {begin, length, true};
    ++m_count;
    m_longest = std::max(m_longest, piece.size());
}

std::size_t Vocabulary::slotOf(std::string_view piece, std::uint32_t hash) const {
    const std::size_t mask = m_slots.size() - 1;
    std::size_t at = hash & mask;
    for (; m_slots[at].id >= 0; at = (at + 1) & mask)
        if (m_slots[at].hash == hash && std::string_view(m_text).substr(m_slots[at].begin, m_slots[at].length) == piece)
            break;
    return at;
}

std::optional<std::int32_t> Vocabulary::idOf(std::string_view piece) const {
    if (m_slots.empty())
        return std::nullopt;
    const Slot& slot = m_slots[slotOf(piece, hashOf(piece))];
    return slot.id >= 0 ? std::optional(slot.id) : std::nullopt;
}

} // namespace sinkscope
