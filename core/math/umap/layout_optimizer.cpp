// SPDX-License-Identifier: Apache-2.0
#include "core/math/umap/layout_optimizer.h"

#include "core/base/assert.h"

#include <algorithm>
#include <cmath>

namespace sinkscope {
namespace {

/// No single step moves a coordinate further than this (before the learning rate), as in the reference implementation.
constexpr float kLargestStep = 4.0F;
/// Keeps repulsion finite between points that coincide.
constexpr float kNearlyZero = 0.001F;

float clipped(float value) { return std::clamp(value, -kLargestStep, kLargestStep); }

template <int D> float squaredDistance(const float* x, const float* y) {
    float sum = 0;
    for (int d = 0; d < D; ++d)
        sum += (x[d] - y[d]) * (x[d] - y[d]);
    return sum;
}

} // namespace

LayoutOptimizer::LayoutOptimizer(const FuzzyGraph& graph, const UmapOptions& options, int epochs, std::vector<float> coordinates)
    : m_points(graph.points), m_epochs(epochs), m_options(options), m_coordinates(std::move(coordinates)), m_state(options.seed) {
    SINKSCOPE_ASSERT(options.dimensions == 2 || options.dimensions == 3);
    const MembershipCurve curve = fitMembershipCurve(options.spread, options.minimumDistance);
    m_a = static_cast<float>(curve.a);
    m_b = static_cast<float>(curve.b);
    const float strongest = graph.weight.empty() ? 0.0F : *std::ranges::max_element(graph.weight);
    for (std::int32_t from = 0; from < graph.points; ++from) {
        const auto row = static_cast<std::size_t>(from);
        for (auto e = graph.rowBegin[row]; e < graph.rowBegin[row + 1]; ++e) {
            const auto at = static_cast<std::size_t>(e);
            if (graph.weight[at] < strongest / static_cast<float>(epochs))
                continue;
            const float period = strongest / graph.weight[at];
            m_edges.push_back({from, graph.column[at], period, period, period / static_cast<float>(options.negativeSamples)});
        }
    }
}

std::uint32_t LayoutOptimizer::randomPoint() {
    // splitmix64: one multiplication chain, passes the usual test batteries; the high bits select a point without division.
    m_state += 0x9e3779b97f4a7c15ULL;
    std::uint64_t z = m_state;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    z ^= z >> 31;
    return static_cast<std::uint32_t>(((z >> 32) * static_cast<std::uint64_t>(m_points)) >> 32);
}

template <int D> void LayoutOptimizer::step(Edge& edge, float epoch, float rate) {
    float* here = &m_coordinates[static_cast<std::size_t>(edge.from) * D];
    float* there = &m_coordinates[static_cast<std::size_t>(edge.to) * D];
    if (const float squared = squaredDistance<D>(here, there); squared > 0) {
        const float power = std::pow(squared, m_b);
        const float pull = -2 * m_a * m_b * power / (squared * (1 + m_a * power));
        for (int d = 0; d < D; ++d) {
            const float move = clipped(pull * (here[d] - there[d])) * rate;
            here[d] += move;
            there[d] -= move;
        }
    }
    edge.next += edge.period;

    const float negativePeriod = edge.period / static_cast<float>(m_options.negativeSamples);
    const int owed = static_cast<int>((epoch - edge.nextNegative) / negativePeriod);
    for (int sample = 0; sample < owed; ++sample) {
        const std::uint32_t other = randomPoint();
        if (other == static_cast<std::uint32_t>(edge.from))
            continue;
        const float* away = &m_coordinates[static_cast<std::size_t>(other) * D];
        const float squared = squaredDistance<D>(here, away);
        if (squared <= 0)
            continue; // coinciding points have no direction to part in; the attraction of others will separate them
        const float push = 2 * static_cast<float>(m_options.repulsion) * m_b /
                           ((kNearlyZero + squared) * (1 + m_a * std::pow(squared, m_b)));
        for (int d = 0; d < D; ++d)
            here[d] += clipped(push * (here[d] - away[d])) * rate;
    }
    edge.nextNegative += static_cast<float>(owed) * negativePeriod;
}

template <int D> void LayoutOptimizer::runEpochs(int epoch) {
    for (; m_done < epoch; ++m_done) {
        const auto now = static_cast<float>(m_done);
        const auto rate = static_cast<float>(m_options.learningRate * (1.0 - static_cast<double>(m_done) / m_epochs));
        for (Edge& edge : m_edges)
            if (edge.next <= now)
                step<D>(edge, now, rate);
    }
}

void LayoutOptimizer::run(int epoch) {
    const int last = std::min(epoch, m_epochs);
    if (m_options.dimensions == 2)
        runEpochs<2>(last);
    else
        runEpochs<3>(last);
}

} // namespace sinkscope
