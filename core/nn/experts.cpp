// SPDX-License-Identifier: Apache-2.0
// The MLP of a layer with experts. All rows of all samples are routed first; then each expert that was chosen is loaded once, and its
// rows are gathered, multiplied and added up.
#include "core/nn/forward_pass.h"
#include "core/nn/row_kernels.h"

#include <algorithm>

namespace sinkscope {

Result<void> ForwardPass::routeRows() {
    const ExpertSpec& experts = m_spec.experts;
    const auto count = static_cast<std::size_t>(experts.count);
    const MatrixView router = m_weights.linear(Role::RouterWeight, m_width, count, false);
    const float* bias = m_weights.vector(Role::RouterBias);
    m_routing.start(m_layout.rows, experts.count, experts.chosen);
    for (const SampleGroup& group : m_layout.groups) {
        SINKSCOPE_CHECK(normalise(Role::MlpNorm, Role::MlpNormBias, hiddenRow(group.firstRow), group.rows, m_work.data(), m_width));
        SINKSCOPE_CHECK(m_linear.run({m_work.data(), group.rows, m_width, m_width, 1}, router, 1, [&](const Tile& tile) {
            for (Rows r = 0; r < tile.rows; ++r)
                copyRow(m_router.data() + (tile.row + r) * count + tile.column, tile.at(r), bias ? bias + tile.column : nullptr, tile.columns);
        }));
        SINKSCOPE_CHECK(m_team.run((group.rows + kRowsPerTask - 1) / kRowsPerTask, [&](std::size_t task, int) {
            for (Rows row = task * kRowsPerTask; row < std::min(group.rows, (task + 1) * kRowsPerTask); ++row)
                if (!m_routing.choose(group.firstRow + row, {m_router.data() + row * count, count}, experts.renormalised))
                    m_finite = false;
        }, m_context));
    }
    if (m_finite)
        m_routing.finish();
    return {};
}

Result<void> ForwardPass::runExperts(int layer) {
    const int count = m_spec.experts.count;
    SINKSCOPE_CHECK(routeRows());
    SINKSCOPE_CHECK(checkFinite(layer, m_layout.groups.front()));
    std::fill_n(m_expertSum.data(), m_layout.rows * m_width, 0.0f);
    const auto nextFrom = [&](int expert) {
        while (expert < count && m_routing.routesOf(expert).empty())
            ++expert;
        return expert;
    };
    for (int expert = nextFrom(0), next = 0; expert < count; expert = next) {
        next = nextFrom(expert + 1);
        SINKSCOPE_CHECK(m_expertWeights.load(layer, expert, m_context));
        if (next < count)
            m_expertWeights.prefetch(layer, next);
        const auto routes = m_routing.routesOf(expert);
        const std::size_t atOnce = std::min(m_layout.largestGroup, kMlpRows);
        for (std::size_t first = 0; first < routes.size(); first += atOnce)
            SINKSCOPE_CHECK(runExpert(routes.subspan(first, std::min(atOnce, routes.size() - first))));
        m_expertWeights.release();
    }
    for (const SampleGroup& group : m_layout.groups) {
        SINKSCOPE_CHECK(addRows(m_expertSum.data() + group.firstRow * m_width, group.firstRow, group.rows));
        SINKSCOPE_CHECK(checkFinite(layer, group));
    }
    return {};
}

Result<void> ForwardPass::runExpert(std::span<const Route> routes) {
    const auto inner = static_cast<std::size_t>(m_spec.experts.width);
    const float *scale = m_weights.vector(Role::MlpNorm), *shift = m_weights.vector(Role::MlpNormBias);
    SINKSCOPE_CHECK(m_team.run((routes.size() + kRowsPerTask - 1) / kRowsPerTask, [&](std::size_t task, int) {
        for (Rows row = task * kRowsPerTask; row < std::min(routes.size(), (task + 1) * kRowsPerTask); ++row)
            normaliseRow(scale, shift, hiddenRow(routes[row].row), m_width, m_work.data() + row * m_width);
    }, m_context));
    SINKSCOPE_CHECK(gateExpert({m_work.data(), routes.size(), m_width, m_width, 1}));
    const float* bias = m_expertWeights.vector(Role::ExpertDownBias);
    const MatrixView down = m_expertWeights.linear(Role::ExpertDownWeight, inner, m_width);
    return m_linear.run({m_mlp.data(), routes.size(), inner, inner, 1}, down, 1, [&](const Tile& tile) {
        for (Rows r = 0; r < tile.rows; ++r) {
            const Route& route = routes[tile.row + r];
            addScaledRow(m_expertSum.data() + route.row * m_width + tile.column, tile.at(r), bias ? bias + tile.column : nullptr, route.weight,
                         tile.columns);
        }
    });
}

Result<void> ForwardPass::gateExpert(const MatrixView& input) {
    const ExpertSpec& experts = m_spec.experts;
    const auto inner = static_cast<std::size_t>(experts.width);
    const auto combine = [&](float* gate, const float* up, std::size_t columns) {
        if (experts.alpha > 0)
            return clampedGateRow(gate, up, static_cast<float>(experts.alpha), static_cast<float>(experts.limit), columns);
        activateRow(m_spec.activation, gate, nullptr, columns);
        multiplyRow(gate, up, nullptr, columns);
    };
    const bool fused = m_expertWeights.vector(Role::ExpertGateUpWeight) != nullptr;
    const float* fusedBias = m_expertWeights.vector(Role::ExpertGateUpBias);
    if (fused && experts.interleaved) { // a tile has both of every pair
        const MatrixView matrix = m_expertWeights.linear(Role::ExpertGateUpWeight, m_width, 2 * inner);
        return m_linear.run(input, matrix, 2, [&](const Tile& tile) {
            std::vector<float> up(tile.columns / 2);
            for (Rows r = 0; r < tile.rows; ++r) {
                float* gate = m_mlp.data() + (tile.row + r) * inner + tile.column / 2;
                for (std::size_t i = 0; i < up.size(); ++i) {
                    gate[i] = tile.at(r)[2 * i] + (fusedBias ? fusedBias[tile.column + 2 * i] : 0.0f);
                    up[i] = tile.at(r)[2 * i + 1] + (fusedBias ? fusedBias[tile.column + 2 * i + 1] : 0.0f);
                }
                combine(gate, up.data(), up.size());
            }
        });
    }
    const auto part = [&](Role role, std::size_t first) {
        return fused ? m_expertWeights.linear(Role::ExpertGateUpWeight, m_width, 2 * inner).columnPart(first, inner)
                     : m_expertWeights.linear(role, m_width, inner);
    };
    const float *gateBias = fused ? fusedBias : m_expertWeights.vector(Role::ExpertGateBias),
                *upBias = fused && fusedBias ? fusedBias + inner : m_expertWeights.vector(Role::ExpertUpBias);
    SINKSCOPE_CHECK(m_linear.run(input, part(Role::ExpertGateWeight, 0), 1, [&](const Tile& tile) {
        for (Rows r = 0; r < tile.rows; ++r)
            copyRow(m_mlp.data() + (tile.row + r) * inner + tile.column, tile.at(r), gateBias ? gateBias + tile.column : nullptr, tile.columns);
    }));
    return m_linear.run(input, part(Role::ExpertUpWeight, inner), 1, [&](const Tile& tile) {
        for (Rows r = 0; r < tile.rows; ++r) {
            if (upBias)
                addRow(tile.at(r), upBias + tile.column, nullptr, tile.columns);
            combine(m_mlp.data() + (tile.row + r) * inner + tile.column, tile.at(r), tile.columns);
        }
    });
}

} // namespace sinkscope
