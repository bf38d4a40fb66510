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
/// A row of attention weights, summed in double, against 1: as many roundings to float32 as there are keys.
inline constexpr double kRowSumError = 1e-5;
/// NMSE between a batch and its samples one by one, or a head and the same one recomputed: the products are cut elsewhere.
inline constexpr double kBatchError = 1e-12;

} // namespace sinkscope::test
