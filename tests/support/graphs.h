// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/math/graph/binary_graph.h"
#include "support/attention_patterns.h"

#include <algorithm>
#include <numeric>

namespace sinkscope::test {

inline BinaryGraph completeGraph(int nodes) {
    BinaryGraph graph = emptyGraph(nodes);
    for (int i = 0; i < nodes; ++i)
        for (int j = 0; j < i; ++j)
            graph.connect(i, j);
    return graph;
}
inline BinaryGraph pathGraph(int nodes) {
    BinaryGraph graph = emptyGraph(nodes);
    for (int i = 1; i < nodes; ++i)
        graph.connect(i - 1, i);
    return graph;
}
inline BinaryGraph cycleGraph(int nodes) {
    BinaryGraph graph = pathGraph(nodes);
    graph.connect(0, nodes - 1);
    return graph;
}
/// `hubs` nodes joined to all others, and to each other if `joined`: a star for one hub, K_{2, n-2} for two that are not joined.
inline BinaryGraph hubGraph(int nodes, int hubs, bool joined = true) {
    BinaryGraph graph = emptyGraph(nodes);
    for (int hub = 0; hub < hubs; ++hub)
        for (int other = joined ? hub + 1 : hubs; other < nodes; ++other)
            graph.connect(hub, other);
    return graph;
}
/// Two stars of `leaves` leaves each whose hubs are joined.
inline BinaryGraph doubleStar(int leaves) {
    BinaryGraph graph = emptyGraph(2 * leaves + 2);
    graph.connect(0, 1);
    for (int leaf = 0; leaf < leaves; ++leaf) {
        graph.connect(0, 2 + leaf);
        graph.connect(1, 2 + leaves + leaf);
    }
    return graph;
}
inline BinaryGraph randomGraph(int nodes, double density, unsigned seed) {
    std::mt19937 random(seed);
    std::bernoulli_distribution edge(density);
    BinaryGraph graph = emptyGraph(nodes);
    for (int i = 0; i < nodes; ++i)
        for (int j = 0; j < i; ++j)
            if (edge(random))
                graph.connect(i, j);
    return graph;
}
/// Rows of softmax over normal logits, sharper for a larger `spread`.
inline Weights randomAttention(int tokens, bool causal, double spread, unsigned seed) {
    std::mt19937 random(seed);
    std::normal_distribution<double> normal(0, spread);
    Weights weights = emptyWeights(tokens, causal);
    for (int i = 0; i < tokens; ++i) {
        std::vector<double> row(static_cast<std::size_t>(causal ? i + 1 : tokens));
        std::ranges::generate(row, [&] { return std::exp(normal(random)); });
        const double sum = std::accumulate(row.begin(), row.end(), 0.0);
        for (std::size_t j = 0; j < row.size(); ++j)
            weights.at(i, static_cast<int>(j)) = static_cast<float>(row[j] / sum);
    }
    return weights;
}

} // namespace sinkscope::test
