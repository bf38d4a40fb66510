// SPDX-License-Identifier: Apache-2.0
#include "core/math/umap/layout_optimizer.h"

#include "core/base/assert.h"
#include "core/math/umap/curve_fit.h"

#include <algorithm>

namespace sinkscope {
namespace {

/// Groups of points that one task moves.
constexpr std::size_t kSlice = 16;

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

/// Points from `first` on by falling sum of weights, ties by index.
std::vector<std::int32_t> byWeight(const FuzzyGraph& graph, std::int32_t first) {
    std::vector<std::pair<float, std::int32_t>> sums;
    for (std::int32_t point = first; point < graph.points; ++point) {
        const auto row = static_cast<std::size_t>(point);
        float sum = 0;
        for (auto e = graph.rowBegin[row]; e < graph.rowBegin[row + 1]; ++e)
            sum += graph.weight[static_cast<std::size_t>(e)];
        sums.emplace_back(-sum, point);
    }
    std::ranges::sort(sums);
    std::vector<std::int32_t> order;
    for (const auto& [sum, point] : sums)
        order.push_back(point);
    return order;
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
    : m_pushers(pushers), m_halves(halves), m_epochs(epochs), m_options(options), m_forces(forcesFor(options)),
      m_order(byWeight(graph, firstMoving)) {
    SINKSCOPE_ASSERT(options.dimensions == 2 || options.dimensions == 3);
    const float strongest = graph.weight.empty() ? 0.0F : *std::ranges::max_element(graph.weight);
    m_rowBegin.push_back(0);
    for (const std::int32_t point : m_order) {
        const auto row = static_cast<std::size_t>(point);
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

/// Advances the clocks of the group's edges and lists those that are due. Without branches: whether an edge is due is as good as random.
void LayoutOptimizer::collectDue(std::size_t group, int half, MovingGroup& moving) {
    const auto now = static_cast<float>(m_done);
    const std::size_t first = group * kGroupPoints;
    moving.count = static_cast<int>(std::min(kGroupPoints, m_order.size() - first));
    moving.samples = 0;
    for (std::size_t lane = 0; lane < kGroupPoints; ++lane) {
        const bool exists = lane < static_cast<std::size_t>(moving.count);
        const std::size_t place = exists ? first + lane : m_order.size() - 1;
        moving.points[lane] = m_order[place];
        const auto begin = static_cast<std::size_t>(m_rowBegin[place]), end = exists ? static_cast<std::size_t>(m_rowBegin[place + 1]) : begin;
        if ((end - begin + 1) * kGroupPoints > moving.partners.size())
            moving.partners.resize((end - begin + 1) * kGroupPoints, 0);
        std::size_t due = 0;
        for (std::size_t e = begin; e < end; ++e) {
            const bool isDue = m_next[e] <= now;
            moving.partners[due * kGroupPoints + lane] = m_to[e];
            m_next[e] += isDue && half == m_halves - 1 ? m_period[e] : 0.0F;
            due += isDue ? 1 : 0;
        }
        moving.due[lane] = static_cast<std::int32_t>(due);
        moving.samples = std::max(moving.samples, moving.due[lane]);
    }
}

void LayoutOptimizer::runGroup(std::size_t group, int half, MovingGroup& moving) {
    collectDue(group, half, moving);
    const auto rate = static_cast<float>(m_options.learningRate * (1.0 - static_cast<double>(m_done) / m_epochs));
    const int pushes = m_options.negativeSamples * (half + 1) / m_halves - m_options.negativeSamples * half / m_halves;
    moveGroup(moving, m_forces, pushes, m_before.data(), m_pushers, rate, seedOf(m_options.seed, static_cast<std::uint64_t>(m_halves * m_done + half)),
              m_now.data());
}

Result<void> LayoutOptimizer::run(int epoch, ThreadTeam& team, const JobContext& context) {
    const std::size_t groups = (m_order.size() + kGroupPoints - 1) / kGroupPoints;
    std::vector<MovingGroup> moving(static_cast<std::size_t>(team.size()));
    int half = 0;
    const auto runSlice = [&](std::size_t slice, int worker) {
        for (std::size_t group = slice * kSlice; group < std::min(groups, (slice + 1) * kSlice); ++group)
            runGroup(group, half, moving[static_cast<std::size_t>(worker)]);
    };
    const std::size_t slices = (groups + kSlice - 1) / kSlice;
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
