// SPDX-License-Identifier: Apache-2.0
#include "core/math/graph/digraph.h"

#include "core/math/persistence/disjoint_sets.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

namespace sinkscope {
namespace {

using Neighbours = std::vector<std::vector<int>>; ///< without loops

std::size_t index(int value) { return static_cast<std::size_t>(value); }

/// Strongly connected components of the nodes from `first` on, by Tarjan's algorithm.
class StrongComponents {
public:
    StrongComponents(const Neighbours& next, int first)
        : m_next(next), m_first(first), m_order(next.size(), -1), m_low(next.size(), 0), m_component(next.size(), -1) {
        for (int node = first; node < static_cast<int>(next.size()); ++node)
            if (m_order[index(node)] < 0)
                visit(node);
    }
    [[nodiscard]] int count() const { return m_count; }
    [[nodiscard]] int of(int node) const { return m_component[index(node)]; }

private:
    void visit(int node) {
        m_order[index(node)] = m_low[index(node)] = m_visited++;
        m_stack.push_back(node);
        for (const int next : m_next[index(node)]) {
            if (next < m_first)
                continue;
            if (m_order[index(next)] < 0) {
                visit(next);
                m_low[index(node)] = std::min(m_low[index(node)], m_low[index(next)]);
            } else if (m_component[index(next)] < 0) {
                m_low[index(node)] = std::min(m_low[index(node)], m_order[index(next)]);
            }
        }
        if (m_low[index(node)] != m_order[index(node)])
            return;
        for (int member = -1; member != node; m_stack.pop_back()) {
            member = m_stack.back();
            m_component[index(member)] = m_count;
        }
        ++m_count;
    }

    const Neighbours& m_next;
    int m_first, m_visited = 0, m_count = 0;
    std::vector<int> m_order, m_low, m_component, m_stack;
};

/// Counts simple cycles of at least two nodes up to a cap, by Johnson's algorithm (1975): from each start only through later nodes of its own
/// strong component, with nodes blocked that were found to lead nowhere.
class CycleCounter {
public:
    CycleCounter(const Neighbours& next, int cap) : m_next(next), m_cap(cap), m_blocked(next.size()), m_waiting(next.size()) {}
    int count() {
        for (int start = 0; start < static_cast<int>(m_next.size()) && m_found < m_cap; ++start) {
            const StrongComponents components(m_next, start);
            if (components.count() == static_cast<int>(m_next.size()) - start)
                break; // no cycle is left, as in every graph under a causal mask
            m_start = start;
            m_components = &components;
            std::ranges::fill(m_blocked, false);
            for (auto& waiting : m_waiting)
                waiting.clear();
            extend(start);
        }
        return m_found;
    }

private:
    [[nodiscard]] bool isInside(int node) const { return node >= m_start && m_components->of(node) == m_components->of(m_start); }
    bool extend(int node) {
        bool closed = false;
        m_blocked[index(node)] = true;
        for (const int next : m_next[index(node)]) {
            if (m_found >= m_cap)
                break;
            if (next == m_start) {
                ++m_found;
                closed = true;
            } else if (isInside(next) && !m_blocked[index(next)] && extend(next)) {
                closed = true;
            }
        }
        if (closed) {
            unblock(node);
            return true;
        }
        for (const int next : m_next[index(node)])
            if (isInside(next) && std::ranges::find(m_waiting[index(next)], node) == m_waiting[index(next)].end())
                m_waiting[index(next)].push_back(node);
        return false;
    }
    void unblock(int node) {
        m_blocked[index(node)] = false;
        for (const int waiting : std::exchange(m_waiting[index(node)], {}))
            if (m_blocked[index(waiting)])
                unblock(waiting);
    }

    const Neighbours& m_next;
    const int m_cap;
    std::vector<char> m_blocked;
    Neighbours m_waiting;
    const StrongComponents* m_components = nullptr;
    int m_start = 0, m_found = 0;
};

} // namespace

Result<DigraphShape> digraphShape(std::span<const float> attention, int tokens, double threshold, int cycleCap) {
    if (tokens < 1 || attention.size() != index(tokens) * index(tokens))
        return Error{ErrorCode::InvalidArgument, "the attention of " + std::to_string(tokens) + " tokens has " +
                                                     std::to_string(attention.size()) + " entries", {}};
    if (!std::ranges::all_of(attention, [](float weight) { return std::isfinite(weight); }))
        return Error{ErrorCode::InvalidArgument, "the attention holds entries that are not finite", {}};
    DigraphShape shape{.nodes = tokens, .weak = tokens};
    Neighbours next(index(tokens));
    DisjointSets sets(tokens);
    const auto least = static_cast<float>(threshold);
    for (int i = 0; i < tokens; ++i)
        for (int j = 0; j < tokens; ++j) {
            if (attention[index(i) * index(tokens) + index(j)] < least)
                continue;
            ++shape.edges;
            if (i == j) {
                ++shape.loops;
                continue;
            }
            next[index(i)].push_back(j);
            shape.weak -= sets.join(i, j) >= 0 ? 1 : 0;
            shape.pairs += i > j || attention[index(j) * index(tokens) + index(i)] < least ? 1 : 0;
        }
    shape.strong = StrongComponents(next, 0).count();
    shape.cycles = std::min(cycleCap, shape.loops + CycleCounter(next, std::max(0, cycleCap - shape.loops)).count());
    return shape;
}

} // namespace sinkscope
