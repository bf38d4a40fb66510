// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <span>

namespace sinkscope {

/// Information geometry of one probability distribution p over n outcomes, given as float weights that sum to 1 within rounding. All functions
/// are O(n). Thread: any.

/// Trace of the Fisher information with respect to the logits, diag(p) - p p': 1 - sum p^2. 0 at a vertex, 1 - 1/n when uniform.
double fisherTrace(std::span<const float> weights);

/// Logarithm of the pseudo-determinant n * product of p, per dimension of the simplex (divided by n - 1): -ln n when uniform. Log weights
/// come from the logits, so that weights too small for float32 count with what they are; -infinity on the border of the simplex, where a
/// logit is -infinity. NaN for n < 2.
double fisherLogDeterminant(std::span<const float> weights, std::span<const float> logits);

/// Fisher information with respect to the inverse temperature: variance of the logits under p. Outcomes without weight do not count.
double temperatureFisher(std::span<const float> weights, std::span<const float> logits);

/// Fisher-Rao distances 2 arccos(sum of sqrt(p q)), in 0..pi, computed from the chord, which keeps small distances exact.
double fisherRaoToUniform(std::span<const float> weights);
/// To the vertex of the strongest outcome: 0 exactly there.
double fisherRaoToVertex(std::span<const float> weights);
/// The shorter of the two counts as 0 beyond its end.
double fisherRaoDistance(std::span<const float> p, std::span<const float> q);

} // namespace sinkscope
