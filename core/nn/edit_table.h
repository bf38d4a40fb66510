// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/nn/intervention.h"

#include <cstdint>
#include <unordered_map>

namespace sinkscope {

/// What is edited in one head of one sample. Ascending, each once.
struct HeadEdits {
    std::vector<int> masked, zeroed, averaged;
    [[nodiscard]] bool changesValues() const { return !zeroed.empty() || !averaged.empty(); }
};

/// The edits of an intervention, found by head. Immutable once made: many threads read it.
class EditTable {
public:
    EditTable() = default;
    /// `intervention` has been checked.
    EditTable(const Intervention& intervention, int layers, int heads);
    /// Null when nothing is edited there.
    [[nodiscard]] const HeadEdits* find(int sample, int layer, int head) const {
        if (m_heads.empty())
            return nullptr;
        const auto found = m_heads.find(keyOf(sample, layer, head));
        return found == m_heads.end() ? nullptr : &found->second;
    }

private:
    [[nodiscard]] std::uint64_t keyOf(int sample, int layer, int head) const {
        return (static_cast<std::uint64_t>(sample) * static_cast<std::uint64_t>(m_layers) + static_cast<std::uint64_t>(layer)) *
                   static_cast<std::uint64_t>(m_headCount) + static_cast<std::uint64_t>(head);
    }
    int m_layers = 0, m_headCount = 0;
    std::unordered_map<std::uint64_t, HeadEdits> m_heads;
};

/// Hides masked keys from a row of logits with visible keys first..end-1 (minus infinity), as AttentionEdit::Kind::Mask says.
void hideKeys(float* row, int query, int first, int end, const std::vector<int>& masked);
/// Values of a head [tokens, width] with the edits made, into `out`.
void editValues(const float* values, int tokens, int width, const HeadEdits& edits, float* out);

} // namespace sinkscope
