// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/analysis/frame_thresholds.h"
#include "core/analysis/metric_spec.h"

#include <optional>
#include <span>
#include <vector>

namespace sinkscope {

/// A key to which the queries of a head turn evenly and more than by chance. Shares of the counted attention of the head (query 0 of a causal
/// model left out).
struct Anchor {
    int token = 0;
    double mass = 0, chance = 0; ///< what it receives, and what uniform attention would give it
    [[nodiscard]] double excess() const { return mass - chance; }
};

/// Anchors of a head from its matrix of weights: keys seen by enough queries (requiredQueries), above chance, attended evenly, and not much
/// weaker than the strongest. Errors: NotFinite. Thread: any.
Result<std::vector<Anchor>> anchorsOfHead(const HeadAttention& attention, const LayerStatistics& statistics, const MetricParameters& parameters,
                                          const FrameThresholds& thresholds);
/// The same where the matrix is not at hand: the sinks of the streamed detector. It misses three and more equal anchors in short noisy heads.
std::vector<Anchor> streamedAnchorsOfHead(const LayerStatistics& statistics, int head, const MetricParameters& parameters);
/// The one or the other, as `attention` is there or null. Errors: NotFinite. Thread: any.
Result<std::vector<Anchor>> frameAnchorsOf(const LayerStatistics& statistics, int head, const HeadAttention* attention,
                                           const MetricParameters& parameters, const FrameThresholds& thresholds);

/// What the verdict has to know of a sample.
struct FrameSample {
    int tokens = 0;
    bool causal = true;
    int firstSpecial = -1, lastSpecial = -1; ///< tokens; -1: none
};
FrameSample frameSampleOf(const SampleTokens& tokens, bool causal);

/// What one sample says about the frame of a head, a layer or a model.
struct FrameFeatures {
    double excess = 0;    ///< (mass - chance) / (1 - chance) of the anchors; of a layer or model the mean over heads, those below `share` count 0
    /// Effective number of anchors, 1 / sum of squared weights: a token weighs its share of the mass on the anchors of a head, heads by their
    /// excess. 0 without anchors.
    double anchors = 0;
    double sinkShare = 0; ///< attention on anchors, mean over heads
    double baseline = 0;  ///< what uniform attention would put there
    double endsShare = 0; ///< of the same weights, on the first and last special token if these are the two largest anchors
    bool causal = true;
};
/// `heads` are the anchors of every head of the unit (one head, a layer, all). In layers and models a token counts when it is an anchor in at
/// least `anchorHeadShare` of them. Nothing for a sample that is too short, or without heads. Does not depend on the order of the heads. Thread: any.
std::optional<FrameFeatures> frameFeatures(std::span<const std::vector<Anchor>> heads, const FrameSample& sample, FrameLevel level,
                                           double anchorHeadShare, const FrameThresholds& thresholds);

} // namespace sinkscope
