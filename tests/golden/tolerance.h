// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/nn/agreement.h"

namespace sinkscope::test {

/// Against transformers, in every type that a run can be computed in. The self-test of the program allows the same.
using sinkscope::allowedError;
using sinkscope::kBrainFloatError;
using sinkscope::kForwardError;
/// Largest relative difference of the same run on another number of threads: none, the cuts are the same.
inline constexpr double kThreadError = 0;
/// NMSE between a batch and its samples one by one: the products are cut elsewhere.
inline constexpr double kBatchError = 1e-12;

} // namespace sinkscope::test
