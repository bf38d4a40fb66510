// SPDX-License-Identifier: Apache-2.0
#include "core/math/graph/layered_flow.h"

#include <algorithm>
#include <limits>

namespace sinkscope {
namespace {

constexpr double kNothing = 1e-13; ///< less than this is rounding, and would be pushed around forever

} // namespace

void LayeredFlow::addLevel(std::span<const double> capacities) { m_capacities.emplace_back(capacities.begin(), capacities.end()); }

double LayeredFlow::maxFlow(int from, int to) {
    if (m_capacities.empty())
        return from == to ? std::numeric_limits<double>::infinity() : 0.0;
    const std::size_t source = nodeOf(m_capacities.size(), static_cast<std::size_t>(from)), sink = static_cast<std::size_t>(to);
    m_left = m_capacities;
    m_used.assign(m_capacities.size(), std::vector<double>(m_nodes * m_nodes, 0.0));
    double flow = 0;
    while (findLevels(source, sink)) {
        m_next.assign((m_capacities.size() + 1) * m_nodes, 0);
        for (double more = 1; more > kNothing; flow += more)
            more = push(source, sink, std::numeric_limits<double>::infinity());
    }
    return flow;
}

/// Distances from the source over edges with room; false when the sink cannot be reached.
bool LayeredFlow::findLevels(std::size_t source, std::size_t sink) {
    m_distance.assign((m_capacities.size() + 1) * m_nodes, -1);
    m_queue.assign(1, source);
    m_distance[source] = 0;
    for (std::size_t head = 0; head < m_queue.size() && m_distance[sink] < 0; ++head) {
        const std::size_t node = m_queue[head], level = node / m_nodes, index = node % m_nodes;
        const auto visit = [&](std::size_t other, double room) {
            if (room > kNothing && m_distance[other] < 0) {
                m_distance[other] = m_distance[node] + 1;
                m_queue.push_back(other);
            }
        };
        for (std::size_t other = 0; level > 0 && other < m_nodes; ++other)
            visit(nodeOf(level - 1, other), m_left[level - 1][index * m_nodes + other]);
        for (std::size_t other = 0; level < m_capacities.size() && other < m_nodes; ++other)
            visit(nodeOf(level + 1, other), m_used[level][index * m_nodes + other]);
    }
    return m_distance[sink] >= 0;
}

/// One path of at most `room` from a node to the sink; what was sent.
double LayeredFlow::push(std::size_t node, std::size_t sink, double room) {
    if (node == sink)
        return room;
    const std::size_t level = node / m_nodes, index = node % m_nodes;
    for (std::size_t& next = m_next[node]; next < 2 * m_nodes; ++next) {
        const bool down = next < m_nodes;
        const std::size_t other = next % m_nodes;
        if (down ? level == 0 : level == m_capacities.size())
            continue;
        const std::size_t target = down ? nodeOf(level - 1, other) : nodeOf(level + 1, other);
        if (m_distance[target] != m_distance[node] + 1)
            continue;
        double& ahead = down ? m_left[level - 1][index * m_nodes + other] : m_used[level][index * m_nodes + other];
        double& back = down ? m_used[level - 1][other * m_nodes + index] : m_left[level][other * m_nodes + index];
        if (ahead <= kNothing)
            continue;
        const double sent = push(target, sink, std::min(room, ahead));
        if (sent <= kNothing)
            continue;
        ahead -= sent;
        back += sent;
        return sent;
    }
    return 0;
}

} // namespace sinkscope
