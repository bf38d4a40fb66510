// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <vector>

namespace sinkscope {

/// Union-find whose representative is the smallest member of a set.
class DisjointSets {
public:
    explicit DisjointSets(int count) : m_parent(static_cast<std::size_t>(count)) {
        std::iota(m_parent.begin(), m_parent.end(), 0);
    }
    [[nodiscard]] std::int32_t find(std::int32_t element) {
        while (parent(element) != element)
            element = parent(element) = parent(parent(element));
        return element;
    }
    /// Joins the sets of `a` and `b` and returns the representative that is none any more, or -1 if they were one set
    /// already.
    std::int32_t join(std::int32_t a, std::int32_t b) {
        a = find(a);
        b = find(b);
        if (a == b)
            return -1;
        parent(std::max(a, b)) = std::min(a, b);
        return std::max(a, b);
    }

private:
    std::int32_t& parent(std::int32_t element) { return m_parent[static_cast<std::size_t>(element)]; }
    std::vector<std::int32_t> m_parent;
};

} // namespace sinkscope
