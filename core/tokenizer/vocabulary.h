// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"
#include "core/io/json_reader.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace sinkscope {

/// Hash for maps that are asked with string views.
struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
};
template <typename Value> using TextMap = std::unordered_map<std::string, Value, TextHash, std::equal_to<>>;

/// Pieces and ids, both ways. Immutable once built.
class Vocabulary {
public:
    /// Largest id that is accepted: above every published vocabulary, far below what could exhaust memory.
    static constexpr std::int64_t kMaxId = 4'000'000;
    /// Longest piece. (Published vocabularies have runs of some hundred spaces.)
    static constexpr std::size_t kMaxPieceBytes = 4096;
    /// From the object {"piece": id}. Errors: TokenizerInvalid.
    static Result<Vocabulary> fromJson(const Json& object);

    [[nodiscard]] std::optional<std::int32_t> idOf(std::string_view piece) const;
    [[nodiscard]] std::optional<std::string_view> pieceOf(std::int32_t id) const {
        if (id < 0 || static_cast<std::size_t>(id) >= m_pieces.size() || !m_pieces[static_cast<std::size_t>(id)].used)
            return std::nullopt;
        const Place& place = m_pieces[static_cast<std::size_t>(id)];
        return std::string_view(m_text).substr(place.begin, place.length);
    }
    [[nodiscard]] std::size_t size() const { return m_count; }
    [[nodiscard]] std::size_t longestPiece() const { return m_longest; } ///< bytes

private:
    struct Place {
        std::uint32_t begin = 0, length = 0;
        bool used = false;
    };
    struct Slot {
        std::uint32_t hash = 0, begin = 0, length = 0;
        std::int32_t id = -1; ///< -1: free
    };
    [[nodiscard]] std::size_t slotOf(std::string_view piece, std::uint32_t hash) const;
    void add(std::string_view piece, std::int32_t id);

    std::string m_text;          ///< all pieces, one after the other
    std::vector<Place> m_pieces; ///< by id
    std::vector<Slot> m_slots;   ///< hash table with open addressing, at most half full
    std::size_t m_count = 0, m_longest = 0;
};

} // namespace sinkscope
