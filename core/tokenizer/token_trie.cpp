// SPDX-License-Identifier: Apache-2.0
#include "core/tokenizer/token_trie.h"

#include <algorithm>

namespace sinkscope {

std::int32_t TokenTrie::childOf(std::int32_t node, unsigned char byte) const {
    const auto& next = m_nodes[static_cast<std::size_t>(node)].next;
    const auto found = std::ranges::lower_bound(next, byte, {}, &std::pair<unsigned char, std::int32_t>::first);
    return found != next.end() && found->first == byte ? found->second : -1;
}

void TokenTrie::insert(std::string_view content, std::int32_t id) {
    if (content.empty())
        return;
    m_starts[static_cast<unsigned char>(content.front())] = true;
    std::int32_t node = 0;
    for (const char c : content) {
        const auto byte = static_cast<unsigned char>(c);
        std::int32_t child = childOf(node, byte);
        if (child < 0) {
            child = static_cast<std::int32_t>(m_nodes.size());
            m_nodes.emplace_back();
            auto& next = m_nodes[static_cast<std::size_t>(node)].next;
            next.insert(std::ranges::lower_bound(next, byte, {}, &std::pair<unsigned char, std::int32_t>::first), {byte, child});
        }
        node = child;
    }
    m_nodes[static_cast<std::size_t>(node)].id = id;
}

std::optional<TokenTrie::Match> TokenTrie::findFrom(std::string_view text, std::size_t from) const {
    for (std::size_t begin = from; begin < text.size(); ++begin) {
        if (!m_starts[static_cast<unsigned char>(text[begin])])
            continue;
        std::optional<Match> longest;
        std::int32_t node = 0;
        for (std::size_t at = begin; at < text.size(); ++at) {
            node = childOf(node, static_cast<unsigned char>(text[at]));
            if (node < 0)
                break;
            if (m_nodes[static_cast<std::size_t>(node)].id >= 0)
                longest = Match{begin, at + 1, m_nodes[static_cast<std::size_t>(node)].id};
        }
        if (longest)
            return longest;
    }
    return std::nullopt;
}

} // namespace sinkscope
