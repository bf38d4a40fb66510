// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <span>
#include <vector>

namespace sinkscope {

/// Largest flow through a stack of layers of `nodes` nodes each, with an edge from every node to every node of the level below (Dinic, 1970): attention
/// flow (Abnar and Zuidema, ACL 2020). Thread: one at a time.
class LayeredFlow {
public:
    explicit LayeredFlow(int nodes) : m_nodes(static_cast<std::size_t>(nodes)) {}

    /// Puts a level on top: capacities [nodes, nodes] row-major from its nodes to those below; not negative.
    void addLevel(std::span<const double> capacities);
    [[nodiscard]] int levels() const { return static_cast<int>(m_capacities.size()); }
    /// From a node of the topmost level to a node of the lowest. 0 without levels unless they are the same.
    [[nodiscard]] double maxFlow(int from, int to);

private:
    [[nodiscard]] std::size_t nodeOf(std::size_t level, std::size_t index) const { return level * m_nodes + index; }
    bool findLevels(std::size_t source, std::size_t sink);
    double push(std::size_t node, std::size_t sink, double room);

    std::size_t m_nodes;
    std::vector<std::vector<double>> m_capacities; ///< [level][from, to]
    std::vector<std::vector<double>> m_left;       ///< capacity that is left
    std::vector<std::vector<double>> m_used;       ///< that can be taken back, transposed: [level][to, from]
    std::vector<int> m_distance;                   ///< of a node from the source
    std::vector<std::size_t> m_next;               ///< neighbour of a node that is tried next: those below, then those above
    std::vector<std::size_t> m_queue;
};

} // namespace sinkscope
