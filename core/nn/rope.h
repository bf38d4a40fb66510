// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/model/model_spec.h"

#include <vector>

namespace sinkscope {

/// Angular frequencies of the rotary embedding for a sequence of `tokens`, [rotaryWidth / 2], computed in float32 step by step
/// as transformers does, so that long positions agree with it. Llama3 and dynamic scaling: "Llama 3.1" model code and
/// bloc97's NTK-aware scaling, as published in transformers' modeling_rope_utils. Thread: any.
std::vector<float> ropeFrequencies(const RopeParameters& rope, int tokens);

/// Cosines and sines of position x frequency for all positions of a sequence. Thread: any, once made.
class RopeTable {
public:
    RopeTable() = default;
    RopeTable(const RopeParameters& rope, int tokens);
    /// Rotates a head's vector at a position in place: component i with component i + rotaryWidth/2.
    void rotate(float* vector, int position) const;
    [[nodiscard]] int tokens() const { return m_tokens; }

private:
    int m_tokens = 0, m_half = 0;
    std::vector<float> m_cosines, m_sines; ///< [tokens, rotaryWidth / 2]
};

} // namespace sinkscope
