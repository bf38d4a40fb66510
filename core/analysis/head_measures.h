// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/analysis/feature_family.h"
#include "core/analysis/metric_spec.h"

#include <optional>
#include <span>
#include <vector>

namespace sinkscope {

/// Below this many tokens the detector and the verdict say nothing.
inline constexpr int kShortestSample = 3;

/// Queries whose choice counts for a key: those that see it, without query 0 of a causal model, which sees nothing else.
[[nodiscard]] int countedQueries(const LayerStatistics& statistics, int key);
/// Fewest counted queries that make a key a candidate.
[[nodiscard]] int requiredQueries(const LayerStatistics& statistics, const MetricParameters& parameters);
/// Share of the counted attention of a head that goes to a key.
[[nodiscard]] double massOn(const LayerStatistics& statistics, int head, int key);
/// The same under uniform attention.
[[nodiscard]] double chanceMassOn(const LayerStatistics& statistics, int key);
/// Received attention (Gu et al.) of the first token under uniform attention: H_T/T when causal, 1/T otherwise.
[[nodiscard]] double chanceOnFirst(const LayerStatistics& statistics);
/// Candidate with the largest mean weight over its counted queries; nothing when there is no candidate.
[[nodiscard]] std::optional<int> strongestToken(const LayerStatistics& statistics, int head, const MetricParameters& parameters);
/// Mean over the heads of a layer's attention: [tokens, tokens]. Errors: those of LayerEvidence::attention.
Result<std::vector<double>> meanAttention(const LayerEvidence& evidence);
/// norms[token] / mean of the others; nothing when those are zero or there are none.
[[nodiscard]] std::optional<double> normRatio(std::span<const float> norms, int token);

} // namespace sinkscope
