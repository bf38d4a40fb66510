// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace sinkscope {

/// All pieces of a vocabulary, to find those that a text begins with. Made once and then only read; the children of a node lie side by side.
class PieceTrie {
public:
    PieceTrie() = default;
    /// Empty pieces are left out; of equal ones the later id counts.
    explicit PieceTrie(std::vector<std::pair<std::string_view, std::int32_t>> pieces);

    /// Calls found(length in bytes, id) for every piece that `text` begins with, shortest first.
    template <typename Found> void prefixesOf(std::string_view text, Found found) const {
        if (text.empty())
            return;
        std::uint32_t node = m_roots[static_cast<unsigned char>(text[0])];
        for (std::size_t length = 1; node != kNone; ++length) {
            const Node& here = m_nodes[node];
            if (here.id >= 0)
                found(length, here.id);
            if (length == text.size() || here.children == 0)
                return;
            const void* label = std::memchr(m_labels.data() + here.first, static_cast<unsigned char>(text[length]), here.children);
            node = label ? static_cast<std::uint32_t>(static_cast<const std::uint8_t*>(label) - m_labels.data()) : kNone;
        }
    }

private:
    static constexpr std::uint32_t kNone = 0xFFFFFFFF;
    struct Node {
        std::uint32_t first = 0; ///< first child
        std::uint32_t children = 0;
        std::int32_t id = -1; ///< -1: no piece ends here
    };

    std::vector<Node> m_nodes;
    std::vector<std::uint8_t> m_labels; ///< of each node: the byte that leads to it
    std::array<std::uint32_t, 256> m_roots{};
};

} // namespace sinkscope
