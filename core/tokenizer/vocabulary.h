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

/// Pieces and ids, both ways.
class Vocabulary {
public:
    /// Largest id that is accepted: above every published vocabulary, far below what could exhaust memory.
    static constexpr std::int64_t kMaxId = 4'000'000;
    /// From the object {"piece": id}. Errors: TokenizerInvalid.
    static Result<Vocabulary> fromJson(const Json& object);
    Vocabulary() = default;
    Vocabulary(Vocabulary&&) = default; // moving a map keeps its nodes, copying would not
    Vocabulary& operator=(Vocabulary&&) = default;

    [[nodiscard]] std::optional<std::int32_t> idOf(std::string_view piece) const {
        const auto found = m_ids.find(piece);
        return found == m_ids.end() ? std::nullopt : std::optional(found->second);
    }
    [[nodiscard]] std::optional<std::string> pieceOf(std::int32_t id) const {
        if (id < 0 || static_cast<std::size_t>(id) >= m_pieces.size() || !m_pieces[static_cast<std::size_t>(id)])
            return std::nullopt;
        return *m_pieces[static_cast<std::size_t>(id)];
    }
    [[nodiscard]] std::size_t size() const { return m_ids.size(); }

private:
    TextMap<std::int32_t> m_ids;
    std::vector<const std::string*> m_pieces; ///< keys of m_ids, which do not move
};

} // namespace sinkscope
