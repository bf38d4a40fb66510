// SPDX-License-Identifier: Apache-2.0
// From token ids to the residual stream before the first layer.
#include "core/nn/forward_pass.h"
#include "core/nn/row_kernels.h"

#include <algorithm>
#include <cmath>

namespace sinkscope {
namespace {

/// Rows of the embedding table that a thread reads before it gives back what it touched: the system maps up to 2 MB around every page,
/// so that a hundred scattered rows would bring in all of a table of hundreds of megabytes.
constexpr std::size_t kRowsHeld = 16;

} // namespace

Result<void> ForwardPass::embed() {
    const auto& tensors = m_spec.modelTensors;
    const TensorInfo* words = tensors[static_cast<std::size_t>(Role::TokenEmbedding)];
    const TensorInfo* segments = tensors[static_cast<std::size_t>(Role::SegmentEmbedding)];
    SINKSCOPE_CHECK(m_weights.load(tensors, Role::EmbeddingNorm, Role::EmbeddingProjectionBias, m_context));
    const bool projects = m_weights.vector(Role::EmbeddingProjectionWeight) != nullptr,
               positionsLater = projects && m_spec.arch->projectsEmbeddingFirst;
    FloatBuffer narrow;
    float* table = projects ? narrow.reserve(m_layout.table) : m_hidden.data();
    const auto factor = static_cast<float>(std::sqrt(static_cast<double>(m_spec.width)));
    std::vector<std::size_t> firstRows;
    std::size_t rows = 0;
    for (const SampleInput& sample : m_samples) {
        firstRows.push_back(rows);
        rows += sample.ids.size();
    }
    std::vector<std::vector<const EmbeddingEdit*>> edits(m_samples.size());
    for (const EmbeddingEdit& edit : m_embeddingEdits)
        edits[static_cast<std::size_t>(edit.sample)].push_back(&edit);
    SINKSCOPE_CHECK(m_team.run(m_samples.size(), [&](std::size_t index, int) {
        const SampleInput& sample = m_samples[index];
        std::vector<float> extra(m_tableWidth);
        for (std::size_t token = 0; token < sample.ids.size(); ++token) {
            float* row = table + (firstRows[index] + token) * m_tableWidth;
            convertToFloat(*words, static_cast<std::size_t>(sample.ids[token]) * m_tableWidth, {row, m_tableWidth});
            for (std::size_t i = 0; m_spec.arch->scalesEmbedding && i < m_tableWidth; ++i)
                row[i] *= factor;
            for (const EmbeddingEdit* edit : edits[index])
                if (static_cast<std::size_t>(edit->token) == token)
                    edit->apply({row, m_tableWidth});
            if (token % kRowsHeld == kRowsHeld - 1)
                words->file->release(words->bytes);
            if (!segments)
                continue;
            convertToFloat(*segments, (sample.segments.empty() ? 0 : static_cast<std::size_t>(sample.segments[token])) * m_tableWidth, extra);
            addRow(row, extra.data(), nullptr, m_tableWidth);
        }
        float* first = table + firstRows[index] * m_tableWidth;
        if (!positionsLater)
            addPositions(sample, first, m_tableWidth);
        if (!allFinite(first, sample.ids.size() * m_tableWidth))
            m_finite = false;
    }, m_context));
    if (m_weights.vector(Role::EmbeddingNorm))
        SINKSCOPE_CHECK(normalise(Role::EmbeddingNorm, Role::EmbeddingNormBias, table, rows, table, m_tableWidth));
    if (projects)
        SINKSCOPE_CHECK(projectEmbedding(table, rows));
    for (std::size_t index = 0; positionsLater && index < m_samples.size(); ++index)
        addPositions(m_samples[index], hiddenRow(firstRows[index]), m_width);
    words->file->release(words->bytes);
    m_meter->addWeights(rows * m_tableWidth / blockOf(words->dtype).elements * blockOf(words->dtype).bytes);
    if (!m_finite)
        return Error{ErrorCode::NotFinite, "the embedding of these tokens is not finite", m_spec.checkpoint->opened};
    return {};
}

void ForwardPass::addPositions(const SampleInput& sample, float* rows, std::size_t width) const {
    const TensorInfo* positions = m_spec.modelTensors[static_cast<std::size_t>(Role::PositionEmbedding)];
    if (!positions)
        return;
    std::vector<float> vector(width);
    const auto first = static_cast<std::size_t>(m_spec.positionOffset + m_shift);
    std::size_t counted = 0;
    for (std::size_t token = 0; token < sample.ids.size(); ++token) {
        const bool padding = m_spec.paddingId >= 0 && sample.ids[token] == m_spec.paddingId;
        const std::size_t at = padding ? static_cast<std::size_t>(m_spec.paddingId) : first + counted;
        counted += padding ? 0 : 1;
        convertToFloat(*positions, at * width, vector);
        addRow(rows + token * width, vector.data(), nullptr, width);
    }
}

Result<void> ForwardPass::projectEmbedding(const float* table, Rows rows) {
    const float* bias = m_weights.vector(Role::EmbeddingProjectionBias);
    const MatrixView weight = m_weights.linear(Role::EmbeddingProjectionWeight, m_tableWidth, m_width, m_spec.arch->transposedLinear);
    return m_linear.run({table, rows, m_tableWidth, m_tableWidth, 1}, weight, 1, [&](const Tile& tile) {
        for (std::size_t r = 0; r < tile.rows; ++r) {
            float* to = hiddenRow(tile.row + r) + tile.column;
            copyRow(to, tile.at(r), bias ? bias + tile.column : nullptr, tile.columns);
            if (!allFinite(to, tile.columns))
                m_finite = false;
        }
    });
}

} // namespace sinkscope
