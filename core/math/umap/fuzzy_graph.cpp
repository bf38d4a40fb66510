// SPDX-License-Identifier: Apache-2.0
#include "core/math/umap/fuzzy_graph.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace sinkscope {
namespace {

using Entry = std::pair<std::int32_t, float>; // neighbour, membership

/// Directed memberships: entry [i] lists (neighbour, strength) by rising neighbour.
std::vector<std::vector<Entry>> memberships(const NeighbourGraph& graph, const LocalScales& scales) {
    std::vector<std::vector<Entry>> rows(static_cast<std::size_t>(graph.points));
    for (std::size_t i = 0; i < rows.size(); ++i) {
        for (int k = 0; k < graph.neighbours; ++k) {
            const std::size_t at = i * graph.neighbours + k;
            if (graph.indices[at] == static_cast<std::int32_t>(i))
                continue;
            const double beyond = graph.distances[at] - scales.rho[i];
            const double strength = beyond <= 0 || scales.sigma[i] == 0 ? 1.0 : std::exp(-beyond / scales.sigma[i]);
            if (strength > 0)
                rows[i].emplace_back(graph.indices[at], static_cast<float>(strength));
        }
        std::ranges::sort(rows[i]);
    }
    return rows;
}

std::vector<std::vector<Entry>> transposed(const std::vector<std::vector<Entry>>& rows) {
    std::vector<std::vector<Entry>> columns(rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i)
        for (const auto& [neighbour, strength] : rows[i])
            columns[static_cast<std::size_t>(neighbour)].emplace_back(static_cast<std::int32_t>(i), strength);
    return columns; // sorted, because i rises
}

} // namespace

FuzzyGraph fuzzyUnion(const NeighbourGraph& graph, const LocalScales& scales) {
    const auto forward = memberships(graph, scales);
    const auto backward = transposed(forward);
    FuzzyGraph result;
    result.points = graph.points;
    result.rowBegin.push_back(0);
    for (std::size_t i = 0; i < forward.size(); ++i) {
        auto a = forward[i].begin();
        auto b = backward[i].begin();
        while (a != forward[i].end() || b != backward[i].end()) {
            const bool takeA = b == backward[i].end() || (a != forward[i].end() && a->first <= b->first);
            const bool takeB = a == forward[i].end() || (b != backward[i].end() && b->first <= a->first);
            const float wa = takeA ? a->second : 0.0F;
            const float wb = takeB ? b->second : 0.0F;
            result.column.push_back(takeA ? a->first : b->first);
            result.weight.push_back(wa + wb - wa * wb);
            a += takeA ? 1 : 0;
            b += takeB ? 1 : 0;
        }
        result.rowBegin.push_back(static_cast<std::int64_t>(result.column.size()));
    }
    return result;
}

int componentsOf(const FuzzyGraph& graph) {
    std::vector<bool> seen(static_cast<std::size_t>(graph.points), false);
    std::vector<std::int32_t> stack;
    int components = 0;
    for (std::int32_t start = 0; start < graph.points; ++start) {
        if (seen[static_cast<std::size_t>(start)])
            continue;
        ++components;
        stack.assign({start});
        seen[static_cast<std::size_t>(start)] = true;
        while (!stack.empty()) {
            const auto node = static_cast<std::size_t>(stack.back());
            stack.pop_back();
            for (auto e = graph.rowBegin[node]; e < graph.rowBegin[node + 1]; ++e) {
                const std::int32_t next = graph.column[static_cast<std::size_t>(e)];
                if (!seen[static_cast<std::size_t>(next)]) {
                    seen[static_cast<std::size_t>(next)] = true;
                    stack.push_back(next);
                }
            }
        }
    }
    return components;
}

} // namespace sinkscope
