// SPDX-License-Identifier: Apache-2.0
// The parts of a layer after attention, selected by the flags of an ArchSpec.
#include "core/nn/forward_pass.h"
#include "core/nn/row_kernels.h"

#include <algorithm>

namespace sinkscope {
namespace {

/// Stands for a bias that a layer's cache never has.
constexpr Role kNoBias = Role::FinalNormBias;

} // namespace

void ForwardPass::normaliseRow(const float* scale, const float* shift, const float* from, std::size_t width, float* to) const {
    if (m_spec.arch->norm == Norm::RmsNorm)
        rmsNormRow(from, scale, m_spec.normEpsilon, width, to);
    else
        layerNormRow(from, scale, shift, m_spec.normEpsilon, width, to);
}

Result<void> ForwardPass::normalise(Role weight, Role bias, const float* from, Rows rows, float* to, std::size_t width) {
    const float* scale = m_weights.vector(weight);
    const float* shift = m_weights.vector(bias);
    return m_team.run((rows + kRowsPerTask - 1) / kRowsPerTask,
                      [&](std::size_t task, int) {
                          for (Rows row = task * kRowsPerTask; row < std::min(rows, (task + 1) * kRowsPerTask); ++row)
                              normaliseRow(scale, shift, from + row * width, width, to + row * width);
                      },
                      m_context);
}

Result<void> ForwardPass::addRows(const float* from, Rows firstRow, Rows rows) {
    return m_team.run((rows + kRowsPerTask - 1) / kRowsPerTask, [&](std::size_t task, int) {
        for (Rows row = task * kRowsPerTask; row < std::min(rows, (task + 1) * kRowsPerTask); ++row) {
            addRow(hiddenRow(firstRow + row), from + row * m_width, nullptr, m_width);
            if (!allFinite(hiddenRow(firstRow + row), m_width))
                m_finite = false;
        }
    }, m_context);
}

Result<void> ForwardPass::addProduct(const MatrixView& input, Role weight, Role bias, Role postNorm, Rows firstRow) {
    const float* shift = m_weights.vector(bias);
    const MatrixView matrix = m_weights.linear(weight, input.columns, m_width, m_spec.arch->transposedLinear);
    if (m_weights.vector(postNorm)) { // the branch has a norm of its own before it joins
        SINKSCOPE_CHECK(m_linear.run(input, matrix, 1, [&](const Tile& tile) {
            for (std::size_t r = 0; r < tile.rows; ++r)
                copyRow(m_branch.data() + (tile.row + r) * m_width + tile.column, tile.at(r), shift ? shift + tile.column : nullptr, tile.columns);
        }));
        SINKSCOPE_CHECK(normalise(postNorm, kNoBias, m_branch.data(), input.rows, m_branch.data(), m_width));
        return addRows(m_branch.data(), firstRow, input.rows);
    }
    return m_linear.run(input, matrix, 1, [&](const Tile& tile) {
        for (std::size_t r = 0; r < tile.rows; ++r) {
            float* to = hiddenRow(firstRow + tile.row + r) + tile.column;
            addRow(to, tile.at(r), shift ? shift + tile.column : nullptr, tile.columns);
            if (!allFinite(to, tile.columns))
                m_finite = false;
        }
    });
}

Result<void> ForwardPass::projectOutput(const SampleGroup& group) {
    SINKSCOPE_CHECK(addProduct({m_work.data(), group.rows, m_queryWidth, m_queryWidth, 1}, Role::OutputWeight, Role::OutputBias,
                               Role::AttentionPostNorm, group.firstRow));
    float* hidden = hiddenRow(group.firstRow);
    return isPreNorm() ? Result<void>{}
                       : normalise(Role::AttentionNorm, Role::AttentionNormBias, hidden, group.rows, hidden, m_width);
}

MatrixView ForwardPass::gateUpPart(Role part) const {
    const auto mlpWidth = static_cast<std::size_t>(m_spec.mlpWidth);
    if (!m_weights.vector(Role::FusedGateUpWeight))
        return m_weights.linear(part, m_width, mlpWidth, m_spec.arch->transposedLinear);
    return m_weights.linear(Role::FusedGateUpWeight, m_width, 2 * mlpWidth, m_spec.arch->transposedLinear)
        .columnPart(part == Role::GateWeight ? 0 : mlpWidth, mlpWidth);
}

Result<void> ForwardPass::runMlp(const SampleGroup& group, Rows firstInGroup, Rows rows) {
    const auto mlpWidth = static_cast<std::size_t>(m_spec.mlpWidth);
    const Rows firstRow = group.firstRow + firstInGroup;
    float* hidden = hiddenRow(firstRow);
    const float* from = hidden;
    if (m_spec.parallel) {
        from = m_branch.data() + firstInGroup * m_width;
    } else if (isPreNorm() && applies(Role::MlpNorm)) {
        float* to = m_spec.residualFromNorm ? hidden : m_work.data();
        SINKSCOPE_CHECK(normalise(Role::MlpNorm, Role::MlpNormBias, hidden, rows, to, m_width));
        from = to;
    }
    const MatrixView input{from, rows, m_width, m_width, 1};
    const bool gated = m_spec.arch->mlp == Mlp::Gated;
    const auto product = [&](Role weight, Role bias, const auto& use) {
        const float* fused = m_weights.vector(Role::FusedGateUpBias);
        const float* shift = !fused ? m_weights.vector(bias) : weight == Role::GateWeight ? fused : fused + mlpWidth;
        return m_linear.run(input, gateUpPart(weight), 1, [&, shift](const Tile& tile) {
            for (std::size_t r = 0; r < tile.rows; ++r)
                use(m_mlp.data() + (tile.row + r) * mlpWidth + tile.column, tile.at(r), shift ? shift + tile.column : nullptr, tile.columns);
        });
    };
    const auto activated = [&](float* to, float* x, const float* bias, std::size_t count) {
        activateRow(m_spec.activation, x, bias, count);
        std::copy(x, x + count, to);
    };
    SINKSCOPE_CHECK(gated ? product(Role::GateWeight, Role::GateBias, activated) : product(Role::UpWeight, Role::UpBias, activated));
    if (gated)
        SINKSCOPE_CHECK(product(Role::UpWeight, Role::UpBias, [](float* to, const float* x, const float* bias, std::size_t count) {
            multiplyRow(to, x, bias, count);
        }));
    SINKSCOPE_CHECK(addProduct({m_mlp.data(), rows, mlpWidth, mlpWidth, 1}, Role::DownWeight, Role::DownBias, Role::MlpPostNorm, firstRow));
    return isPreNorm() ? Result<void>{} : normalise(Role::MlpNorm, Role::MlpNormBias, hidden, rows, hidden, m_width);
}

} // namespace sinkscope
