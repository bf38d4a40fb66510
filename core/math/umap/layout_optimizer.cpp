// SPDX-License-Identifier: Apache-2.0
#include "core/math/umap/layout_optimizer.h"

#include "core/base/assert.h"
#include "core/math/umap/curve_fit.h"

#include <algorithm>

namespace sinkscope {
namespace {

/// Points that one task moves.
constexpr std::size_t kSlice = 16 * kGroupPoints;

LayoutForces forcesFor(const UmapOptions& options) {
    const MembershipCurve curve = fitMembershipCurve(options.spread, options.minimumDistance);
    return {.a = static_cast<float>(curve.a), .b = static_cast<float>(curve.b), .repulsion = static_cast<float>(options.repulsion)};
}

/// splitmix64 of seed and epoch.
std::uint32_t seedOf(std::uint64_t seed, std::uint64_t epoch) {
    std::uint64_t z = seed + (epoch + 1) * 0x9e3779b97f4a7c15ULL;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return static_cast<std::uint32_t>((z ^ (z >> 31)) >> 32);
}

/// Numbers 0.. by falling `due`, so that the points of a group end together. A counting sort.
void byDue(std::span<const std::int32_t> due, std::vector<std::int32_t>& order) {
    const std::int32_t most = due.empty() ? 0 : *std::ranges::max_element(due);
    std::vector<std::int32_t> place(static_cast<std::size_t>(most) + 2, 0);
    for (const std::int32_t count : due)
        ++place[static_cast<std::size_t>(most - count) + 1];
    for (std::size_t i = 1; i < place.size(); ++i)
        place[i] += place[i - 1];
    order.resize(due.size());
    for (std::size_t i = 0; i < due.size(); ++i)
        order[static_cast<std::size_t>(place[static_cast<std::size_t>(most - due[i])]++)] = static_cast<std::int32_t>(i);
}

} // namespace

LayoutOptimizer::LayoutOptimizer(const FuzzyGraph& graph, const UmapOptions& options, int epochs, std::span<const float> coordinates)
    : LayoutOptimizer(graph, 0, graph.points, 2, options, epochs, coordinates) {}

LayoutOptimizer LayoutOptimizer::forNewPoints(const FuzzyGraph& graph, int fixedPoints, const UmapOptions& options, int epochs,
                                              std::span<const float> coordinates) {
    return {graph, fixedPoints, fixedPoints, 1, options, epochs, coordinates};
}

LayoutOptimizer::LayoutOptimizer(const FuzzyGraph& graph, int firstMoving, int pushers, int halves, const UmapOptions& options, int epochs,
                                 std::span<const float> coordinates)
    : m_firstMoving(firstMoving), m_pushers(pushers), m_halves(halves), m_epochs(epochs), m_options(options), m_forces(forcesFor(options)),
      m_due(static_cast<std::size_t>(graph.points - firstMoving)) {
    SINKSCOPE_ASSERT(options.dimensions == 2 || options.dimensions == 3);
    const float strongest = graph.weight.empty() ? 0.0F : *std::ranges::max_element(graph.weight);
    m_rowBegin.push_back(0);
    for (auto row = static_cast<std::size_t>(firstMoving); row < static_cast<std::size_t>(graph.points); ++row) {
        for (auto e = graph.rowBegin[row]; e < graph.rowBegin[row + 1]; ++e) {
            const auto at = static_cast<std::size_t>(e);
            if (graph.weight[at] < strongest / static_cast<float>(epochs))
                continue;
            m_to.push_back(graph.column[at]);
            m_period.push_back(strongest / graph.weight[at]);
        }
        m_rowBegin.push_back(static_cast<std::int64_t>(m_to.size()));
    }
    m_next = m_period;
    m_dueTo.resize(m_to.size());
    m_before.resize(static_cast<std::size_t>(graph.points));
    const auto dimensions = static_cast<std::size_t>(options.dimensions);
    for (std::size_t i = 0; i < m_before.size(); ++i)
        m_before[i] = {coordinates[i * dimensions], coordinates[i * dimensions + 1], dimensions == 3 ? coordinates[i * dimensions + 2] : 0.0F, 0.0F};
    m_now = m_before;
}

std::vector<float> LayoutOptimizer::coordinates() const {
    std::vector<float> result;
    result.reserve(m_before.size() * static_cast<std::size_t>(m_options.dimensions));
    for (const LayoutPlace& place : m_before) {
        result.push_back(place.x);
        result.push_back(place.y);
        if (m_options.dimensions == 3)
            result.push_back(place.z);
    }
    return result;
}

/// Advances the clocks of the edges of some moving points and lists those that are due. Without branches: whether an edge is due is as good
/// as random.
void LayoutOptimizer::collectDue(std::size_t first, std::size_t last) {
    const auto now = static_cast<float>(m_done);
    for (std::size_t point = first; point < last; ++point) {
        const auto begin = static_cast<std::size_t>(m_rowBegin[point]), end = static_cast<std::size_t>(m_rowBegin[point + 1]);
        std::size_t due = begin;
        for (std::size_t e = begin; e < end; ++e) {
            const bool isDue = m_next[e] <= now;
            m_dueTo[due] = m_to[e];
            m_next[e] += m_period[e] * static_cast<float>(isDue);
            due += isDue ? 1 : 0;
        }
        m_due[point] = static_cast<std::int32_t>(due - begin);
    }
}

void LayoutOptimizer::movePoints(std::size_t first, std::size_t last, int half, MovingGroup& moving) {
    const auto rate = static_cast<float>(m_options.learningRate * (1.0 - static_cast<double>(m_done) / m_epochs));
    const int pushes = m_options.negativeSamples * (half + 1) / m_halves - m_options.negativeSamples * half / m_halves;
    const std::uint32_t seed = seedOf(m_options.seed, static_cast<std::uint64_t>(m_halves * m_done + half));
    std::vector<std::int32_t> order;
    byDue(std::span(m_due).subspan(first, last - first), order);
    for (std::size_t group = 0; group < order.size(); group += kGroupPoints) {
        moving.count = static_cast<int>(std::min(kGroupPoints, order.size() - group));
        moving.samples = m_due[first + static_cast<std::size_t>(order[group])];
        moving.partners.resize(std::max(moving.partners.size(), static_cast<std::size_t>(moving.samples) * kGroupPoints), 0);
        for (std::size_t lane = 0; lane < kGroupPoints; ++lane) {
            const bool exists = lane < static_cast<std::size_t>(moving.count);
            const std::size_t point = first + static_cast<std::size_t>(order[exists ? group + lane : order.size() - 1]);
            moving.points[lane] = m_firstMoving + static_cast<std::int32_t>(point);
            moving.due[lane] = exists ? m_due[point] : 0;
            const auto begin = static_cast<std::size_t>(m_rowBegin[point]);
            for (std::size_t sample = 0; sample < static_cast<std::size_t>(moving.due[lane]); ++sample)
                moving.partners[sample * kGroupPoints + lane] = m_dueTo[begin + sample];
        }
        moveGroup(moving, m_forces, pushes, m_before.data(), m_pushers, rate, seed, m_now.data());
    }
}

Result<void> LayoutOptimizer::run(int epoch, ThreadTeam& team, const JobContext& context) {
    std::vector<MovingGroup> moving(static_cast<std::size_t>(team.size()));
    int half = 0;
    const auto runSlice = [&](std::size_t slice, int worker) {
        const std::size_t first = slice * kSlice, last = std::min(m_due.size(), first + kSlice);
        if (half == 0)
            collectDue(first, last);
        movePoints(first, last, half, moving[static_cast<std::size_t>(worker)]);
    };
    const std::size_t slices = (m_due.size() + kSlice - 1) / kSlice;
    for (const int last = std::min(epoch, m_epochs); m_done < last; ++m_done) {
        SINKSCOPE_CHECK(context.checkpoint());
        for (half = 0; half < m_halves; ++half) {
            if (slices <= 2) {
                for (std::size_t slice = 0; slice < slices; ++slice)
                    runSlice(slice, 0); // waking the others would take longer
            } else { // not cancelled in the middle of an epoch, so that one can go on from here
                SINKSCOPE_CHECK(team.run(slices, runSlice, JobContext()));
            }
            std::swap(m_before, m_now);
        }
    }
    return {};
}

} // namespace sinkscope
