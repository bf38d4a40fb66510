// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/nn/compute_choice.h"

namespace sinkscope {

/// Normalised mean squared error allowed against transformers in float32: sum (a - b)^2 / sum b^2. Both sides sum in other orders, which
/// leaves about 1e-13 after a few layers; a wrong formula leaves far more than 1e-6.
inline constexpr double kForwardError = 1e-10;

/// The same for a run in a type. Thread: any.
constexpr double allowedError(ComputeType /*type*/) { return kForwardError; }

} // namespace sinkscope
