// SPDX-License-Identifier: Apache-2.0
#include "core/math/umap/fuzzy_graph.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace sinkscope {
namespace {

/// Rows of (neighbour, membership) behind each other, by rising neighbour.
struct Rows {
    std::vector<std::int64_t> begin; ///< [points + 1]
    std::vector<std::int32_t> column;
    std::vector<float> weight;
};

/// Directed memberships of every point's neighbours.
Rows memberships(const NeighbourGraph& graph, const LocalScales& scales) {
    Rows rows;
    rows.begin.push_back(0);
    rows.column.reserve(graph.indices.size());
    rows.weight.reserve(graph.indices.size());
    std::vector<std::pair<std::int32_t, float>> row;
    for (std::size_t i = 0; i < static_cast<std::size_t>(graph.points); ++i) {
        row.clear();
        for (std::size_t at = i * static_cast<std::size_t>(graph.neighbours); at < (i + 1) * static_cast<std::size_t>(graph.neighbours); ++at) {
            if (graph.indices[at] == static_cast<std::int32_t>(i))
                continue;
            const double beyond = graph.distances[at] - scales.rho[i];
            const double strength = beyond <= 0 || scales.sigma[i] == 0 ? 1.0 : std::exp(-beyond / scales.sigma[i]);
            if (strength > 0)
                row.emplace_back(graph.indices[at], static_cast<float>(strength));
        }
        std::ranges::sort(row);
        for (const auto& [neighbour, strength] : row) {
            rows.column.push_back(neighbour);
            rows.weight.push_back(strength);
        }
        rows.begin.push_back(static_cast<std::int64_t>(rows.column.size()));
    }
    return rows;
}

/// Counting sort by column; sorted within a row because the rows of the input rise.
Rows transposed(const Rows& rows) {
    Rows result{std::vector<std::int64_t>(rows.begin.size(), 0), std::vector<std::int32_t>(rows.column.size()),
                std::vector<float>(rows.weight.size())};
    for (const std::int32_t column : rows.column)
        ++result.begin[static_cast<std::size_t>(column) + 1];
    for (std::size_t i = 1; i < result.begin.size(); ++i)
        result.begin[i] += result.begin[i - 1];
    std::vector<std::int64_t> place(result.begin.begin(), result.begin.end() - 1);
    for (std::size_t i = 0; i + 1 < rows.begin.size(); ++i)
        for (auto e = static_cast<std::size_t>(rows.begin[i]); e < static_cast<std::size_t>(rows.begin[i + 1]); ++e) {
            const auto to = static_cast<std::size_t>(place[static_cast<std::size_t>(rows.column[e])]++);
            result.column[to] = static_cast<std::int32_t>(i);
            result.weight[to] = rows.weight[e];
        }
    return result;
}

} // namespace

FuzzyGraph fuzzyUnion(const NeighbourGraph& graph, const LocalScales& scales) {
    const Rows forward = memberships(graph, scales), backward = transposed(forward);
    FuzzyGraph result;
    result.points = graph.points;
    result.rowBegin.push_back(0);
    result.column.reserve(2 * forward.column.size());
    result.weight.reserve(2 * forward.column.size());
    for (std::size_t i = 0; i < static_cast<std::size_t>(graph.points); ++i) {
        auto a = static_cast<std::size_t>(forward.begin[i]), b = static_cast<std::size_t>(backward.begin[i]);
        const auto endA = static_cast<std::size_t>(forward.begin[i + 1]), endB = static_cast<std::size_t>(backward.begin[i + 1]);
        while (a < endA || b < endB) {
            const bool takeA = b == endB || (a < endA && forward.column[a] <= backward.column[b]);
            const bool takeB = a == endA || (b < endB && backward.column[b] <= forward.column[a]);
            const float wa = takeA ? forward.weight[a] : 0.0F, wb = takeB ? backward.weight[b] : 0.0F;
            result.column.push_back(takeA ? forward.column[a] : backward.column[b]);
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
