// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/analysis/estimate.h"
#include "core/analysis/frame_thresholds.h"

#include <span>
#include <string>

namespace sinkscope {

struct FrameFeatures;

/// How far inside the region of each kind the means lie, in [0, 1]; 0.5 is its border. With
///   frame = 0.5 at the threshold of the excess (of the level), 0 at no excess, 1 at all of it,
///   one   = 0.5 at the threshold of the effective number of anchors n, 1 at n = 1, 0 at twice the way beyond,
///   ends  = 0.5 at the threshold of the two ends, 0 and 1 at none and all of it (0 under a causal mask),
/// each linear in between: none = 1 - frame, bidirectional = min(frame, ends), centralized = min(frame, one, 1 - ends),
/// distributed = min(frame, 1 - one, 1 - ends). At most one of them is above 0.5. Our definition.
struct FrameScores {
    double centralized = 0, distributed = 0, bidirectional = 0, none = 0;
};
FrameScores frameScores(double excess, double anchors, double endsShare, FrameLevel level, const FrameThresholds& thresholds);

/// Reading of the sinks as a kind of reference frame. The rule is our reconstruction (design note 3.2), not the paper's.
struct FrameVerdict {
    std::string kind;   ///< "centralized", "distributed", "bidirectional", "none", "undecided" or "not enough"
    std::string reason; ///< in words, with the numbers
    Estimate anchors;   ///< effective number of anchors, over the samples that show a frame
    Estimate sinkShare; ///< attention mass on anchors
    Estimate baseline;  ///< the mass that uniform attention would put on the same tokens
    Estimate excess;    ///< FrameFeatures::excess
    Estimate ends;      ///< share of the anchors' mass on the first and last special token, over the samples that show a frame
    FrameScores scores;
    FrameThresholds thresholds; ///< that were used
    std::string level = "model"; ///< "model", "layer" or "head"
    std::string evidence;        ///< "attention matrices", "streamed statistics", or both
};

/// The verdict on one head or one layer, in short.
struct LevelVerdict {
    std::string kind, reason;
    Estimate excess;  ///< as above
    Estimate anchors; ///< as above; without samples where there is no frame
    FrameScores scores;
};

/// The verdict over samples: a kind only where the whole bootstrap interval is on one side of every threshold that matters. Our
/// reconstruction (design note 3.2). Thread: any.
FrameVerdict verdictOf(std::span<const FrameFeatures> samples, FrameLevel level, const FrameThresholds& thresholds);
/// The same with a short reason and without what only the long one needs.
LevelVerdict levelVerdictOf(std::span<const FrameFeatures> samples, FrameLevel level, const FrameThresholds& thresholds);

} // namespace sinkscope
