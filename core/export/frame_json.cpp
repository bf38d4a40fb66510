// SPDX-License-Identifier: Apache-2.0
#include "core/export/frame_json.h"

#include <cmath>
#include <nlohmann/json.hpp>

namespace sinkscope {
namespace {

Json number(double value) { return std::isfinite(value) ? Json(value) : Json(); }

Json jsonOf(const FrameScores& scores) {
    return {{"centralized", scores.centralized}, {"distributed", scores.distributed}, {"bidirectional", scores.bidirectional}, {"none", scores.none}};
}

} // namespace

Json jsonOf(const Estimate& estimate) {
    return {{"value", number(estimate.value)}, {"low", number(estimate.low)}, {"high", number(estimate.high)}, {"samples", estimate.samples}};
}

Json jsonOf(const LevelVerdict& verdict) {
    return {{"kind", verdict.kind}, {"reason", verdict.reason}, {"scores", jsonOf(verdict.scores)}, {"excess", jsonOf(verdict.excess)},
            {"anchors", jsonOf(verdict.anchors)}};
}

Json jsonOf(const FrameVerdict& verdict) {
    const FrameThresholds& thresholds = verdict.thresholds;
    return {{"kind", verdict.kind},
            {"reason", verdict.reason},
            {"rule", "our reconstruction"},
            {"level", verdict.level},
            {"evidence", verdict.evidence},
            {"scores", jsonOf(verdict.scores)},
            {"anchors", jsonOf(verdict.anchors)},
            {"sink_share", jsonOf(verdict.sinkShare)},
            {"baseline", jsonOf(verdict.baseline)},
            {"excess", jsonOf(verdict.excess)},
            {"ends", jsonOf(verdict.ends)},
            {"thresholds", {{"share", thresholds.share}, {"spread", thresholds.spread}, {"anchors", thresholds.anchors}, {"ends", thresholds.ends},
                            {"evenness", thresholds.evenness}, {"weakest", thresholds.weakest}, {"tokens", thresholds.tokens},
                            {"samples", thresholds.samples}, {"group_samples", thresholds.groupSamples}}}};
}

Json jsonOf(const FrameContext& context) {
    return {{"bos_present", context.bosPresent}, {"first_token_id", context.firstTokenId}, {"first_token", context.firstToken},
            {"same_first_token", context.sameFirstToken}, {"positions", context.positions}, {"dtype", context.dtype}, {"mask", context.mask},
            {"null", context.null}, {"samples", context.samples},
            {"tokens", {{"fewest", context.fewestTokens}, {"median", context.medianTokens}, {"most", context.mostTokens}}}};
}

} // namespace sinkscope
