// SPDX-License-Identifier: Apache-2.0
#include "core/nn/edit_table.h"

#include <algorithm>
#include <limits>

namespace sinkscope {
namespace {

void merge(std::vector<int>& into, const std::vector<int>& tokens) {
    into.insert(into.end(), tokens.begin(), tokens.end());
    std::ranges::sort(into);
    into.erase(std::unique(into.begin(), into.end()), into.end());
}

std::vector<int>& listOf(HeadEdits& edits, AttentionEdit::Kind kind) {
    if (kind == AttentionEdit::Kind::Mask)
        return edits.masked;
    return kind == AttentionEdit::Kind::ZeroValue ? edits.zeroed : edits.averaged;
}

} // namespace

EditTable::EditTable(const Intervention& intervention, int layers, int heads) : m_layers(layers), m_headCount(heads) {
    for (const AttentionEdit& edit : intervention.edits) {
        if (edit.tokens.empty())
            continue;
        const auto addHead = [&](int layer, int head) { merge(listOf(m_heads[keyOf(edit.sample, layer, head)], edit.kind), edit.tokens); };
        const auto addLayer = [&](int layer) {
            for (int head = 0; head < heads; ++head)
                addHead(layer, head);
        };
        for (int layer = 0; layer < layers && edit.heads.empty(); ++layer)
            addLayer(layer);
        for (const HeadPlace& place : edit.heads)
            place.head < 0 ? addLayer(place.layer) : addHead(place.layer, place.head);
    }
}

void hideKeys(float* row, int query, int first, int end, const std::vector<int>& masked) {
    const auto begin = std::ranges::lower_bound(masked, first), last = std::ranges::lower_bound(masked, end);
    const bool nothingLeft = last - begin == end - first;
    for (auto key = begin; key != last; ++key)
        if (!nothingLeft || *key != query)
            row[*key] = -std::numeric_limits<float>::infinity();
}

void editValues(const float* values, int tokens, int width, const HeadEdits& edits, float* out) {
    const auto columns = static_cast<std::size_t>(width), count = static_cast<std::size_t>(tokens) * columns;
    std::copy(values, values + count, out);
    const auto rowOf = [&](int token) { return out + static_cast<std::size_t>(token) * columns; };
    if (!edits.averaged.empty()) {
        std::vector<double> mean(columns);
        for (std::size_t at = 0; at < count; ++at)
            mean[at % columns] += values[at];
        for (const int token : edits.averaged)
            std::ranges::transform(mean, rowOf(token), [tokens](double sum) { return static_cast<float>(sum / tokens); });
    }
    for (const int token : edits.zeroed)
        std::fill_n(rowOf(token), columns, 0.0f);
}

} // namespace sinkscope
