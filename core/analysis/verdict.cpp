// SPDX-License-Identifier: Apache-2.0
#include "core/analysis/verdict.h"

#include "core/analysis/frame_evidence.h"
#include "core/analysis/frame_words.h"

#include <algorithm>

namespace sinkscope {
namespace {

/// 0 at `zero`, 0.5 at the threshold, 1 at `one`, linear in between.
double membership(double value, double zero, double threshold, double one) {
    const bool isBeyond = (value - threshold) * (one - threshold) >= 0;
    const double edge = isBeyond ? one : zero;
    const double way = edge == threshold ? 1.0 : std::clamp((value - threshold) / (edge - threshold), 0.0, 1.0);
    return 0.5 + (isBeyond ? 0.5 : -0.5) * way;
}

template <typename Member> Estimate over(std::span<const FrameFeatures> samples, Member member) {
    std::vector<double> values;
    values.reserve(samples.size());
    for (const FrameFeatures& sample : samples)
        values.push_back(sample.*member);
    return estimateOf(values);
}

/// Kind by the intervals; fills in what it had to look at. `samples` is not empty.
FrameWords decide(std::span<const FrameFeatures> samples, FrameLevel level, const FrameThresholds& thresholds) {
    const double least = leastExcess(thresholds, level);
    FrameWords words{.level = level, .leastExcess = least, .causal = samples.front().causal, .samples = static_cast<int>(samples.size())};
    words.excess = over(samples, &FrameFeatures::excess);
    // Samples without a frame have no number of anchors worth averaging.
    std::vector<FrameFeatures> framed;
    std::ranges::copy_if(samples, std::back_inserter(framed), [&](const FrameFeatures& sample) { return sample.excess >= least; });
    if (words.excess.high >= least) {
        words.anchors = over(framed, &FrameFeatures::anchors);
        words.ends = words.causal ? Estimate{} : over(framed, &FrameFeatures::endsShare);
    }
    const double anchors = words.anchors.samples > 0 ? words.anchors.value : 0;
    words.scores = frameScores(words.excess.value, anchors, words.ends.value, level, thresholds);
    if (words.excess.high < least)
        words.outcome = FrameWords::None;
    else if (words.excess.low < least)
        words.outcome = FrameWords::ExcessOpen;
    else if (words.ends.low > thresholds.ends)
        words.outcome = FrameWords::Bidirectional;
    else if (words.ends.high > thresholds.ends)
        words.outcome = FrameWords::EndsOpen;
    else if (words.anchors.high < thresholds.anchors)
        words.outcome = FrameWords::Centralized;
    else if (words.anchors.low >= thresholds.anchors)
        words.outcome = FrameWords::Distributed;
    else
        words.outcome = FrameWords::AnchorsOpen;
    return words;
}

} // namespace

FrameScores frameScores(double excess, double anchors, double endsShare, FrameLevel level, const FrameThresholds& thresholds) {
    const double frame = membership(excess, 0, leastExcess(thresholds, level), 1);
    const double ends = membership(endsShare, 0, thresholds.ends, 1);
    const double one = anchors > 0 ? membership(anchors, 2 * thresholds.anchors - 1, thresholds.anchors, 1) : 0.5;
    return {.centralized = std::min({frame, one, 1 - ends}), .distributed = std::min({frame, 1 - one, 1 - ends}),
            .bidirectional = std::min(frame, ends), .none = 1 - frame};
}

FrameVerdict verdictOf(std::span<const FrameFeatures> samples, FrameLevel level, const FrameThresholds& thresholds) {
    FrameVerdict verdict;
    verdict.level = nameOf(level);
    verdict.thresholds = thresholds;
    if (samples.empty() || static_cast<int>(samples.size()) < thresholds.samples) {
        verdict.kind = kNotEnough;
        verdict.reason = notEnoughReason(static_cast<int>(samples.size()), thresholds);
        return verdict;
    }
    const FrameWords words = decide(samples, level, thresholds);
    verdict.excess = words.excess;
    verdict.anchors = words.anchors;
    verdict.ends = words.ends;
    verdict.scores = words.scores;
    verdict.sinkShare = over(samples, &FrameFeatures::sinkShare);
    verdict.baseline = over(samples, &FrameFeatures::baseline);
    verdict.kind = kindOf(words);
    verdict.reason = longReason(words, verdict.sinkShare.value, verdict.baseline.value, thresholds);
    return verdict;
}

LevelVerdict levelVerdictOf(std::span<const FrameFeatures> samples, FrameLevel level, const FrameThresholds& thresholds) {
    if (samples.empty() || static_cast<int>(samples.size()) < thresholds.samples)
        return {.kind = kNotEnough, .reason = notEnoughReason(static_cast<int>(samples.size()), thresholds), .excess = {}, .anchors = {}, .scores = {}};
    const FrameWords words = decide(samples, level, thresholds);
    return {.kind = kindOf(words), .reason = shortReason(words), .excess = words.excess, .anchors = words.anchors, .scores = words.scores};
}

} // namespace sinkscope
