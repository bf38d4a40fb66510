// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/math/umap/curve_fit.h"
#include "core/math/umap/fuzzy_graph.h"
#include "core/math/umap/umap_options.h"

#include <cstdint>
#include <span>
#include <vector>

namespace sinkscope {

/// Stochastic gradient descent on the cross entropy between the graph and the picture, with sampled repulsion (arXiv 1802.03426,
/// algorithm 5). Resumable: construct, then `run` until `epochsDone` is `epochs`; between calls the coordinates may be shown. One
/// thread; the same seed gives the same picture, bit for bit.
class LayoutOptimizer {
public:
    /// `coordinates` is [points, options.dimensions], the start. Edges too weak to be sampled once in all epochs are dropped.
    LayoutOptimizer(const FuzzyGraph& graph, const UmapOptions& options, int epochs, std::vector<float> coordinates);

    /// Advances until `epoch` epochs are done in all.
    void run(int epoch);
    [[nodiscard]] int epochs() const { return m_epochs; }
    [[nodiscard]] int epochsDone() const { return m_done; }
    [[nodiscard]] const std::vector<float>& coordinates() const { return m_coordinates; }

private:
    struct Edge {
        std::int32_t from, to;
        float period;       ///< epochs between two samples
        float next;         ///< epoch of the next attractive sample
        float nextNegative; ///< epoch from which repulsive samples are owed
    };
    template <int D> void runEpochs(int epoch);
    template <int D> void step(Edge& edge, float epoch, float rate);
    std::uint32_t randomPoint();

    int m_points, m_epochs, m_done = 0;
    UmapOptions m_options;
    float m_a, m_b;
    std::vector<Edge> m_edges;
    std::vector<float> m_coordinates;
    std::uint64_t m_state; ///< of the generator
};

} // namespace sinkscope
