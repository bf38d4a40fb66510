// SPDX-License-Identifier: Apache-2.0
// From the last hidden state to logits.
#include "core/nn/forward_pass.h"
#include "core/nn/row_kernels.h"

#include <algorithm>

namespace sinkscope {

/// What the unembedding is applied to: the final norm of a decoder, or the transform of a masked-language-model head.
Result<void> ForwardPass::headInput(const float* hidden, Rows tokens, float* to) {
    const bool transforms = m_weights.vector(Role::HeadTransformWeight) != nullptr;
    const Role matrix = transforms ? Role::HeadTransformWeight : Role::HeadProjectionWeight;
    if (applies(Role::FinalNorm)) {
        float* normalised = m_weights.vector(matrix) ? m_head.data() : to;
        SINKSCOPE_CHECK(normalise(Role::FinalNorm, Role::FinalNormBias, hidden, tokens, normalised, m_width));
        hidden = normalised;
    }
    if (!m_weights.vector(matrix)) {
        if (hidden != to)
            std::copy(hidden, hidden + tokens * m_width, to);
        return {};
    }
    const MatrixView weight = m_weights.linear(matrix, m_width, m_tableWidth, m_spec.arch->transposedLinear);
    const float* bias = m_weights.vector(Role::HeadTransformBias);
    SINKSCOPE_CHECK(m_linear.run({hidden, tokens, m_width, m_width, 1}, weight, 1, [&](const Tile& tile) {
        for (std::size_t r = 0; r < tile.rows; ++r) {
            if (transforms)
                activateRow(m_spec.headActivation, tile.at(r), bias ? bias + tile.column : nullptr, tile.columns);
            std::copy(tile.at(r), tile.at(r) + tile.columns, to + (tile.row + r) * m_tableWidth + tile.column);
        }
    }));
    if (!transforms)
        return {};
    return normalise(Role::HeadTransformNorm, Role::HeadTransformNormBias, to, tokens, to, m_tableWidth);
}

Result<void> ForwardPass::deliverLogits() {
    m_context.progress(0.99, "logits");
    const auto vocabulary = static_cast<std::size_t>(m_spec.vocabulary);
    SINKSCOPE_CHECK(m_weights.load(m_spec.modelTensors, Role::FinalNorm, Role::HeadTransformNormBias, m_context));
    // The unembedding is [vocabulary, width] in every architecture, also where other layers are transposed.
    const MatrixView weight = m_weights.linear(Role::Unembedding, m_tableWidth, vocabulary, false);
    const float* bias = m_weights.vector(Role::UnembeddingBias);
    std::size_t row = 0;
    for (int sample = 0; sample < static_cast<int>(m_samples.size()); ++sample) {
        const std::size_t tokens = tokensOf(sample);
        SINKSCOPE_CHECK(headInput(hiddenRow(row), tokens, m_work.data()));
        SINKSCOPE_CHECK(m_linear.run({m_work.data(), tokens, m_tableWidth, m_tableWidth, 1}, weight, 1, [&](const Tile& tile) {
            for (std::size_t r = 0; r < tile.rows; ++r) {
                float* to = m_logits.data() + (tile.row + r) * vocabulary + tile.column;
                copyRow(to, tile.at(r), bias ? bias + tile.column : nullptr, tile.columns);
                if (m_spec.logitCap > 0)
                    capLogits(to, tile.columns, m_spec.logitCap);
                if (!allFinite(to, tile.columns))
                    m_finite = false;
            }
        }));
        if (!m_finite)
            return Error{ErrorCode::NotFinite, "logits of sample " + std::to_string(sample) + " are not finite", m_spec.checkpoint->opened};
        SINKSCOPE_CHECK(m_consumer.onLogits({sample, static_cast<int>(tokens), m_spec.vocabulary, {m_logits.data(), tokens * vocabulary}}));
        row += tokens;
    }
    m_weights.release();
    return {};
}

} // namespace sinkscope
