// SPDX-License-Identifier: Apache-2.0
// From the residual stream to the query, key and value vectors of every head.
#include "core/nn/forward_pass.h"
#include "core/nn/row_kernels.h"

#include <algorithm>

namespace sinkscope {

Result<void> ForwardPass::projectVectors(const SampleGroup& group) {
    float* from = hiddenRow(group.firstRow);
    const bool ownMlpNorm = applies(Role::MlpNorm);
    if (m_spec.parallel && ownMlpNorm)
        SINKSCOPE_CHECK(normalise(Role::MlpNorm, Role::MlpNormBias, from, group.rows, m_branch.data(), m_width));
    if (isPreNorm() && applies(Role::AttentionNorm)) {
        float* to = m_spec.residualFromNorm ? from : m_spec.parallel && !ownMlpNorm ? m_branch.data() : m_work.data();
        SINKSCOPE_CHECK(normalise(Role::AttentionNorm, Role::AttentionNormBias, from, group.rows, to, m_width));
        from = to;
    }
    const MatrixView input{from, group.rows, m_width, m_width, 1};
    if (m_weights.vector(Role::FusedQkvWeight)) {
        SINKSCOPE_CHECK(projectOne(input, Role::FusedQkvWeight, Role::FusedQkvBias, m_queryWidth + 2 * m_keyWidth, 0));
    } else {
        SINKSCOPE_CHECK(projectOne(input, Role::QueryWeight, Role::QueryBias, m_queryWidth, 0));
        SINKSCOPE_CHECK(projectOne(input, Role::KeyWeight, Role::KeyBias, m_keyWidth, m_queryWidth));
        SINKSCOPE_CHECK(projectOne(input, Role::ValueWeight, Role::ValueBias, m_keyWidth, m_queryWidth + m_keyWidth));
    }
    return m_weights.vector(Role::QueryNorm) ? normaliseVectors(group) : Result<void>{};
}

Result<void> ForwardPass::projectOne(const MatrixView& input, Role weight, Role bias, std::size_t outputColumns,
                                     std::size_t firstColumn) {
    const float* shift = m_weights.vector(bias);
    return m_linear.run(input, m_weights.linear(weight, m_width, outputColumns, m_spec.arch->transposedLinear), m_headWidth,
                        [&](const Tile& tile) { scatter(tile, firstColumn, shift); });
}

ForwardPass::VectorPlace ForwardPass::placeOf(std::size_t column) {
    if (m_spec.arch->fusedOrder == FusedOrder::Grouped && m_weights.vector(Role::FusedQkvWeight)) {
        const auto share = static_cast<std::size_t>(m_spec.heads / m_spec.keyValueHeads);
        const std::size_t head = column / m_headWidth, group = head / (share + 2), slot = head % (share + 2);
        if (slot < share)
            return {&m_query, (group * share + slot) * m_headWidth, m_queryWidth};
        return {slot == share ? &m_key : &m_value, group * m_headWidth, m_keyWidth};
    }
    // The columns of all queries come first, then those of the keys, then those of the values; heads in order.
    if (column < m_queryWidth)
        return {&m_query, column, m_queryWidth};
    column -= m_queryWidth;
    return column < m_keyWidth ? VectorPlace{&m_key, column, m_keyWidth} : VectorPlace{&m_value, column - m_keyWidth, m_keyWidth};
}

void ForwardPass::scatter(const Tile& tile, std::size_t firstColumn, const float* bias) {
    const bool rotatesLater = m_weights.vector(Role::QueryNorm) != nullptr;
    const auto clip = static_cast<float>(m_spec.projectionClip);
    for (std::size_t c = 0; c < tile.columns; c += m_headWidth) {
        const auto [target, column, width] = placeOf(firstColumn + tile.column + c);
        for (std::size_t r = 0; r < tile.rows; ++r) {
            const RowPlace& place = m_places[tile.row + r];
            const std::size_t token = static_cast<std::size_t>(place.position);
            float* to = target->data() + place.firstRow * width + column * place.tokens + token * m_headWidth;
            copyRow(to, tile.at(r) + c, bias ? bias + tile.column + c : nullptr, m_headWidth);
            if (clip > 0)
                clipRow(to, clip, m_headWidth);
            if (place.rope && target != &m_value && !rotatesLater)
                place.rope->rotate(to, place.position);
            if (!allFinite(to, m_headWidth))
                m_finite = false;
        }
    }
}

Result<void> ForwardPass::normaliseVectors(const SampleGroup& group) {
    return m_team.run((group.rows + kRowsPerTask - 1) / kRowsPerTask, [&](std::size_t task, int) {
        std::vector<float> row(std::max(m_queryWidth, m_keyWidth));
        for (Rows at = task * kRowsPerTask; at < std::min(group.rows, (task + 1) * kRowsPerTask); ++at) {
            normaliseHeads(m_places[at], m_query, m_queryWidth, Role::QueryNorm, Role::QueryNormBias, row);
            normaliseHeads(m_places[at], m_key, m_keyWidth, Role::KeyNorm, Role::KeyNormBias, row);
        }
    }, m_context);
}

void ForwardPass::normaliseHeads(const RowPlace& place, FloatBuffer& vectors, std::size_t width, Role weight, Role bias,
                                 std::vector<float>& row) {
    const float *scale = m_weights.vector(weight), *shift = m_weights.vector(bias);
    const auto vectorOf = [&](std::size_t column) {
        return vectors.data() + place.firstRow * width + column * place.tokens + static_cast<std::size_t>(place.position) * m_headWidth;
    };
    for (std::size_t column = 0; column < width; column += m_headWidth)
        std::copy_n(vectorOf(column), m_headWidth, row.data() + column);
    const std::size_t part = m_spec.arch->wholeQkNorm ? width : m_headWidth;
    for (std::size_t column = 0; column < width; column += part)
        normaliseRow(scale, shift, row.data() + column, part, row.data() + column);
    for (std::size_t column = 0; column < width; column += m_headWidth) {
        std::copy_n(row.data() + column, m_headWidth, vectorOf(column));
        if (place.rope)
            place.rope->rotate(vectorOf(column), place.position);
    }
}

} // namespace sinkscope
