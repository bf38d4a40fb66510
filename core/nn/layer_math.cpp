// SPDX-License-Identifier: Apache-2.0
// The parts of a layer that are selected by the flags of an ArchSpec.
#include "core/nn/forward_pass.h"
#include "core/nn/row_kernels.h"

#include <algorithm>

namespace sinkscope {
namespace {

/// Rows that one task of a row-wise loop takes.
constexpr std::size_t kRowsPerTask = 128;

} // namespace

Result<void> ForwardPass::normalise(Role weight, Role bias, const float* from, Rows rows, float* to, const WeightCache& weights) {
    const float* scale = weights.vector(weight);
    const float* shift = weights.vector(bias);
    return m_team.run((rows + kRowsPerTask - 1) / kRowsPerTask,
                      [&](std::size_t task, int) {
                          for (Rows row = task * kRowsPerTask; row < std::min(rows, (task + 1) * kRowsPerTask); ++row) {
                              const float* x = from + row * m_width;
                              if (m_spec.arch->norm == Norm::RmsNorm)
                                  rmsNormRow(x, scale, m_spec.normEpsilon, m_width, to + row * m_width);
                              else
                                  layerNormRow(x, scale, shift, m_spec.normEpsilon, m_width, to + row * m_width);
                          }
                      },
                      m_context);
}

Result<void> ForwardPass::embed() {
    const auto& tensors = m_spec.modelTensors;
    const TensorInfo* words = tensors[static_cast<std::size_t>(Role::TokenEmbedding)];
    const TensorInfo* positions = tensors[static_cast<std::size_t>(Role::PositionEmbedding)];
    const TensorInfo* segments = tensors[static_cast<std::size_t>(Role::SegmentEmbedding)];
    SINKSCOPE_CHECK(m_weights.load(tensors, Role::EmbeddingNorm, Role::EmbeddingNormBias, m_context));
    std::vector<std::size_t> firstRows;
    std::size_t rows = 0;
    for (const SampleInput& sample : m_samples) {
        firstRows.push_back(rows);
        rows += sample.ids.size();
    }
    SINKSCOPE_CHECK(m_team.run(m_samples.size(), [&](std::size_t index, int) {
        const SampleInput& sample = m_samples[index];
        std::vector<float> extra(m_width);
        const auto add = [&](const TensorInfo* tensor, std::size_t at, float* row) {
            if (!tensor)
                return;
            convertToFloat(*tensor, at * m_width, extra);
            addRow(row, extra.data(), nullptr, m_width);
        };
        for (std::size_t token = 0; token < sample.ids.size(); ++token) {
            float* row = hiddenRow(firstRows[index] + token);
            convertToFloat(*words, static_cast<std::size_t>(sample.ids[token]) * m_width, {row, m_width});
            add(segments, sample.segments.empty() ? 0 : static_cast<std::size_t>(sample.segments[token]), row);
            add(positions, token + static_cast<std::size_t>(m_shift), row);
            if (!allFinite(row, m_width))
                m_finite = false;
        }
    }, m_context));
    if (m_weights.vector(Role::EmbeddingNorm))
        SINKSCOPE_CHECK(normalise(Role::EmbeddingNorm, Role::EmbeddingNormBias, m_hidden.data(), rows, m_hidden.data(), m_weights));
    words->file->release(words->bytes);
    if (!m_finite)
        return Error{ErrorCode::NotFinite, "the embedding of these tokens is not finite", m_spec.checkpoint->opened};
    return {};
}

Result<void> ForwardPass::projectVectors(const SampleGroup& group) {
    const float* from = hiddenRow(group.firstRow);
    if (isPreNorm()) {
        SINKSCOPE_CHECK(normalise(Role::AttentionNorm, Role::AttentionNormBias, from, group.rows, m_work.data(), m_weights));
        from = m_work.data();
    }
    const MatrixView input{from, group.rows, m_width, m_width, 1};
    if (m_weights.vector(Role::FusedQkvWeight))
        return projectOne(input, Role::FusedQkvWeight, Role::FusedQkvBias, m_queryWidth + 2 * m_keyWidth, 0);
    SINKSCOPE_CHECK(projectOne(input, Role::QueryWeight, Role::QueryBias, m_queryWidth, 0));
    SINKSCOPE_CHECK(projectOne(input, Role::KeyWeight, Role::KeyBias, m_keyWidth, m_queryWidth));
    return projectOne(input, Role::ValueWeight, Role::ValueBias, m_keyWidth, m_queryWidth + m_keyWidth);
}

Result<void> ForwardPass::projectOne(const MatrixView& input, Role weight, Role bias, std::size_t outputColumns,
                                     std::size_t firstColumn) {
    const float* shift = m_weights.vector(bias);
    return m_linear.run(input, m_weights.linear(weight, m_width, outputColumns, m_spec.arch->transposedLinear), m_headWidth,
                        [&](const Tile& tile) { scatter(tile, firstColumn, shift); });
}

void ForwardPass::scatter(const Tile& tile, std::size_t firstColumn, const float* bias) {
    for (std::size_t r = 0; r < tile.rows; ++r) {
        const RowPlace& place = m_places[tile.row + r];
        for (std::size_t c = 0; c < tile.columns; c += m_headWidth) {
            // The columns of all queries come first, then those of the keys, then those of the values; heads in order.
            std::size_t column = firstColumn + tile.column + c, width = m_queryWidth;
            FloatBuffer* target = &m_query;
            if (column >= m_queryWidth) {
                column -= m_queryWidth;
                width = m_keyWidth;
                target = column >= m_keyWidth ? &m_value : &m_key;
                column -= column >= m_keyWidth ? m_keyWidth : 0;
            }
            const std::size_t token = static_cast<std::size_t>(place.position);
            float* to = target->data() + place.firstRow * width + column * place.tokens + token * m_headWidth;
            copyRow(to, tile.at(r) + c, bias ? bias + tile.column + c : nullptr, m_headWidth);
            if (place.rope && target != &m_value)
                place.rope->rotate(to, place.position);
            if (!allFinite(to, m_headWidth))
                m_finite = false;
        }
    }
}

Result<void> ForwardPass::addProduct(const MatrixView& input, Role weight, Role bias, Rows firstRow) {
    const float* shift = m_weights.vector(bias);
    return m_linear.run(input, m_weights.linear(weight, input.columns, m_width, m_spec.arch->transposedLinear), 1,
                        [&](const Tile& tile) {
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
                               group.firstRow));
    float* hidden = hiddenRow(group.firstRow);
    return isPreNorm() ? Result<void>{}
                       : normalise(Role::AttentionNorm, Role::AttentionNormBias, hidden, group.rows, hidden, m_weights);
}

Result<void> ForwardPass::runMlp(Rows firstRow, Rows rows) {
    const auto mlpWidth = static_cast<std::size_t>(m_spec.mlpWidth);
    float* hidden = hiddenRow(firstRow);
    const float* from = hidden;
    if (isPreNorm()) {
        SINKSCOPE_CHECK(normalise(Role::MlpNorm, Role::MlpNormBias, hidden, rows, m_work.data(), m_weights));
        from = m_work.data();
    }
    const MatrixView input{from, rows, m_width, m_width, 1};
    const bool gated = m_spec.arch->mlp == Mlp::Gated;
    const auto product = [&](Role weight, Role bias, const auto& use) {
        const float* shift = m_weights.vector(bias);
        return m_linear.run(input, m_weights.linear(weight, m_width, mlpWidth, m_spec.arch->transposedLinear), 1, [&, shift](const Tile& tile) {
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
    SINKSCOPE_CHECK(addProduct({m_mlp.data(), rows, mlpWidth, mlpWidth, 1}, Role::DownWeight, Role::DownBias, firstRow));
    return isPreNorm() ? Result<void>{} : normalise(Role::MlpNorm, Role::MlpNormBias, hidden, rows, hidden, m_weights);
}

} // namespace sinkscope
