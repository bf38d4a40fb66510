// SPDX-License-Identifier: Apache-2.0
#include "core/tokenizer/piece_trie.h"

#include <algorithm>

namespace sinkscope {

PieceTrie::PieceTrie(std::vector<std::pair<std::string_view, std::int32_t>> pieces) {
    m_roots.fill(kNone);
    std::erase_if(pieces, [](const auto& piece) { return piece.first.empty(); });
    std::ranges::sort(pieces);
    // Breadth first: a range of sorted pieces that share their first `depth` bytes is a node; its children are the ranges that share one byte more.
    struct Range {
        std::size_t begin, end, depth;
        std::uint32_t node; ///< kNone: the root
    };
    std::vector<Range> ranges{{0, pieces.size(), 0, kNone}};
    for (std::size_t next = 0; next < ranges.size(); ++next) {
        const Range range = ranges[next];
        std::size_t at = range.begin;
        for (; at < range.end && pieces[at].first.size() == range.depth; ++at)
            m_nodes[range.node].id = pieces[at].second; // sorted by id: the last one stays
        const auto firstChild = static_cast<std::uint32_t>(m_nodes.size());
        while (at < range.end) {
            const auto label = static_cast<unsigned char>(pieces[at].first[range.depth]);
            const std::size_t begin = at;
            while (at < range.end && static_cast<unsigned char>(pieces[at].first[range.depth]) == label)
                ++at;
            const auto node = static_cast<std::uint32_t>(m_nodes.size());
            m_nodes.emplace_back();
            m_labels.push_back(label);
            if (range.node == kNone)
                m_roots[label] = node;
            ranges.push_back({begin, at, range.depth + 1, node});
        }
        if (range.node != kNone) {
            m_nodes[range.node].first = firstChild;
            m_nodes[range.node].children = static_cast<std::uint32_t>(m_nodes.size()) - firstChild;
        }
    }
}

} // namespace sinkscope
