// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/model/model_spec.h"

#include <vector>

namespace sinkscope {

/// Angular frequencies of the rotary embedding for a sequence of `tokens`, [rotaryWidth / 2], computed in float32 step by step
/// as transformers does, so that long positions agree with it. Llama3, dynamic and yarn scaling (Peng et al., YaRN, ICLR 2024): as
/// in transformers' modeling_rope_utils. NtkAware (bloc97): the base becomes theta * factor^(d / (d - 2)), which leaves the highest
/// frequency alone and divides the lowest by the factor. `tokens` (positions of the sequence) matters to Dynamic and LongRope
/// only (LongRoPE: Ding et al., 2024). Thread: any.
std::vector<float> ropeFrequencies(const RopeParameters& rope, int tokens);
/// What cosines and sines are multiplied by: 1 except for Yarn and LongRope. Thread: any.
double ropeAttentionFactor(const RopeParameters& rope);

/// Cosines and sines of position x frequency for all positions of a sequence. Thread: any, once made.
class RopeTable {
public:
    RopeTable() = default;
    /// For positions firstPosition .. firstPosition + tokens - 1.
    /// `interleaved`: component 2i turns with 2i + 1 instead of i with i + rotaryWidth/2.
    RopeTable(const RopeParameters& rope, int tokens, int firstPosition = 0, bool interleaved = false);
    /// Rotates the vector of a head in place by position firstPosition + token.
    void rotate(float* vector, int token) const;
    /// The inverse of `rotate`, to the rounding of float32; divides by ropeAttentionFactor too.
    void unrotate(float* vector, int token) const;
    [[nodiscard]] int tokens() const { return m_tokens; }

private:
    int m_tokens = 0, m_half = 0;
    bool m_interleaved = false;
    std::vector<float> m_cosines, m_sines; ///< [tokens, rotaryWidth / 2]
};

} // namespace sinkscope
