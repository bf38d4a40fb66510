// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/nn/compute_choice.h"

namespace sinkscope {

/// Normalised mean squared error allowed against transformers in float32: sum (a - b)^2 / sum b^2. Both sides sum in other orders, which
/// leaves about 1e-13 after a few layers; a wrong formula leaves far more than 1e-6.
inline constexpr double kForwardError = 1e-10;

/// The same for a run in bfloat16, of attention, vectors, hidden states and logits. Each product rounds its two inputs and its result to eight
/// bits, a relative variance of 1e-6 to 4e-6 a time. The golden models, whose weights are large and attention sharp, end at 1e-5 to 5e-4
/// after two layers; rounding the residual stream as well, or a wrong formula, would leave more than 1e-2.
inline constexpr double kBrainFloatError = 2e-3;

/// What is allowed of a run in a type. Thread: any.
constexpr double allowedError(ComputeType type) { return type == ComputeType::BFloat16 ? kBrainFloatError : kForwardError; }

} // namespace sinkscope
