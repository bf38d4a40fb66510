// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <numeric>
#include <utility>
#include <vector>

namespace sinkscope {

/// Union-find with path halving and union by size.
class DisjointSets {
public:
    explicit DisjointSets(int nodes) : m_parent(static_cast<std::size_t>(nodes)), m_size(static_cast<std::size_t>(nodes), 1), m_sets(nodes) {
        std::iota(m_parent.begin(), m_parent.end(), 0);
    }
    [[nodiscard]] int find(int node) {
        while (parent(node) != node) {
            parent(node) = parent(parent(node));
            node = parent(node);
        }
        return node;
    }
    /// False when they were together already.
    bool join(int a, int b) {
        a = find(a);
        b = find(b);
        if (a == b)
            return false;
        if (m_size[static_cast<std::size_t>(a)] < m_size[static_cast<std::size_t>(b)])
            std::swap(a, b);
        parent(b) = a;
        m_size[static_cast<std::size_t>(a)] += m_size[static_cast<std::size_t>(b)];
        --m_sets;
        return true;
    }
    [[nodiscard]] int sets() const { return m_sets; }

private:
    int& parent(int node) { return m_parent[static_cast<std::size_t>(node)]; }
    std::vector<int> m_parent, m_size;
    int m_sets;
};

} // namespace sinkscope
