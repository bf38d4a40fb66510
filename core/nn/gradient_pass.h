// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/nn/forward.h"

namespace sinkscope {

/// What the differentiable forward pass computes for one sample: for holding it against runModel.
struct GradientPass {
    std::vector<float> hidden; ///< [tokens, width], before the final norm
    std::vector<float> logits; ///< [tokens, vocabulary]; empty when the checkpoint has no language-model head
};
/// Only in the library that computes (sinkscope_nn), not in the programs. Thread: the torch strand. Errors: as parameterFisher.
Result<GradientPass> gradientPass(const ModelSpec& spec, const SampleInput& sample);

} // namespace sinkscope
