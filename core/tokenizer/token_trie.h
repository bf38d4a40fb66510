// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace sinkscope {

/// Finds which of many strings occurs in a text: the longest at the leftmost place.
class TokenTrie {
public:
    struct Match {
        std::size_t begin = 0, end = 0; ///< bytes
        std::int32_t id = -1;
    };
    /// Empty contents are ignored; a repeated one keeps the later id.
    void insert(std::string_view content, std::int32_t id);
    [[nodiscard]] std::optional<Match> findFrom(std::string_view text, std::size_t from) const;

private:
    struct Node {
        std::vector<std::pair<unsigned char, std::int32_t>> next; ///< sorted
        std::int32_t id = -1;
    };
    [[nodiscard]] std::int32_t childOf(std::int32_t node, unsigned char byte) const;

    std::vector<Node> m_nodes{Node{}};
    std::vector<bool> m_starts = std::vector<bool>(256); ///< bytes that begin some content
};

} // namespace sinkscope
