// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/jobs/thread_team.h"
#include "core/math/umap/fuzzy_graph.h"
#include "core/math/umap/moving_group.h"
#include "core/math/umap/umap_options.h"

#include <cstdint>
#include <span>
#include <vector>

namespace sinkscope {

/// Stochastic gradient descent on the cross entropy between the graph and the picture, with sampled repulsion (arXiv 1802.03426,
/// algorithm 5). Resumable: construct, then `run` until `epochsDone` is `epochs`; between calls the coordinates may be shown, and more
/// epochs may be asked for.
///
/// Differs from the reference implementation in the order of updates only. That one walks through the edges and moves both ends at once,
/// which cannot be cut up between threads without a race. Here every point moves by itself, in two halves of an epoch: along each of its
/// edges that are due it is pulled once in either half (the symmetric graph holds every edge in two directions) and pushed by its own random
/// points, while all others stand where they stood at the end of the half before. Random numbers are drawn per point and half. So the same
/// seed gives the same picture, bit for bit, for any number of threads.
class LayoutOptimizer {
public:
    /// `coordinates` is [points, options.dimensions], the start. Edges too weak to be sampled once in all epochs are dropped.
    LayoutOptimizer(const FuzzyGraph& graph, const UmapOptions& options, int epochs, std::span<const float> coordinates);
    /// Places new points among fixed ones: the rows of `graph` from `fixedPoints` on are the new ones, with edges to fixed ones only, and
    /// repulsion comes from fixed ones. `coordinates` is of all. One half an epoch, because these edges have one direction.
    static LayoutOptimizer forNewPoints(const FuzzyGraph& graph, int fixedPoints, const UmapOptions& options, int epochs,
                                        std::span<const float> coordinates);

    /// Advances until `epoch` epochs are done in all. Errors: Cancelled, after a whole epoch.
    Result<void> run(int epoch, ThreadTeam& team, const JobContext& context);
    /// Goes on for longer: the learning rate falls to zero at the new end.
    void extend(int epochs) { m_epochs += epochs; }
    [[nodiscard]] int epochs() const { return m_epochs; }
    [[nodiscard]] int epochsDone() const { return m_done; }
    /// [points, dimensions]
    [[nodiscard]] std::vector<float> coordinates() const;

private:
    LayoutOptimizer(const FuzzyGraph& graph, int firstMoving, int pushers, int halves, const UmapOptions& options, int epochs,
                    std::span<const float> coordinates);
    void collectDue(std::size_t first, std::size_t last);
    void movePoints(std::size_t first, std::size_t last, int half, MovingGroup& moving);

    int m_firstMoving; ///< points before it stay
    int m_pushers;     ///< points 0.. that repel
    int m_halves, m_epochs, m_done = 0;
    UmapOptions m_options;
    LayoutForces m_forces;
    std::vector<std::int64_t> m_rowBegin; ///< [moving points + 1] of the edges that are left
    std::vector<std::int32_t> m_to;
    std::vector<float> m_period, m_next;  ///< epochs between two samples; epoch of the next one
    std::vector<std::int32_t> m_due;      ///< [moving points] how many edges of each are due in this epoch
    std::vector<std::int32_t> m_dueTo;    ///< where they lead: those of a point from its m_rowBegin on
    std::vector<LayoutPlace> m_before, m_now; ///< [points] at the end of the last half; being written
};

} // namespace sinkscope
