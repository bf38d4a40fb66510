// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"

#include <span>
#include <vector>

namespace sinkscope {

/// Eigenvalues of L = D - A with d_ii = (sum of column i) / (queries that see key i), largest first: with a causal mask L is triangular and
/// they are its diagonal (LapEigvals, 2025). Without a mask the diagonal is returned all the same, and is not the spectrum.
/// Attention [tokens, tokens] row-major. Errors: InvalidArgument when the size does not fit or an entry is not finite. Thread: any.
Result<std::vector<double>> lapEigenvalues(std::span<const float> attention, int tokens, bool causal);

/// Weights below this count as this much: a softmax underflows to 0, and one log 0 would outweigh a whole head.
inline constexpr double kLogFloor = 1e-12;
/// Mean over the tokens of log(max(A_ii, 1e-12)) (AttnScore). Same errors; also without tokens.
Result<double> attentionScore(std::span<const float> attention, int tokens);

} // namespace sinkscope
