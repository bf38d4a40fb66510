// SPDX-License-Identifier: Apache-2.0
#include "core/analysis/frame_words.h"

#include <cstdio>

namespace sinkscope {
namespace {

constexpr int kRoughSamples = 5; ///< fewer give intervals that are too narrow

std::string number(double value, int digits = 2) {
    char text[32];
    std::snprintf(text, sizeof text, "%.*f", digits, value);
    return text;
}

/// What to think of the intervals.
std::string samplesNote(int samples) {
    if (samples == 1)
        return " One sample: there is no interval.";
    if (samples < kRoughSamples)
        return " With " + std::to_string(samples) + " samples the intervals are rough.";
    return "";
}

std::string anchorsText(const FrameWords& words, const FrameThresholds& thresholds, const char* relation) {
    return " Effective number of anchors " + withInterval(words.anchors, plainText) + ", " + relation + " " + plainText(thresholds.anchors);
}

std::string endsText(const FrameWords& words) {
    return " The first and last special token hold " + withInterval(words.ends, percentText) + " of the mass of the anchors";
}

std::string conclusion(const FrameWords& words, const FrameThresholds& thresholds) {
    switch (words.outcome) {
    case FrameWords::None:
        return " That is below " + percentText(words.leastExcess) + ": no frame.";
    case FrameWords::ExcessOpen:
        return " The interval holds the threshold, " + percentText(words.leastExcess) + ": it stays open whether there is a frame.";
    case FrameWords::Bidirectional:
        return endsText(words) + ", more than " + percentText(thresholds.ends) + ", and nothing hides later tokens.";
    case FrameWords::EndsOpen:
        return endsText(words) + ": the interval holds the threshold, " + percentText(thresholds.ends) + ".";
    case FrameWords::Centralized:
        return anchorsText(words, thresholds, "below") + ": one token is the origin.";
    case FrameWords::Distributed:
        return anchorsText(words, thresholds, "not below") + ": several tokens share the part.";
    case FrameWords::AnchorsOpen:
        return anchorsText(words, thresholds, "and the interval holds the threshold,") + ".";
    }
    return {};
}

} // namespace

std::string plainText(double value) { return number(value); }

std::string percentText(double share) { return number(100 * share, share < 0.1 ? 1 : 0) + " %"; }

std::string withInterval(const Estimate& estimate, std::string (*format)(double)) {
    if (estimate.samples < 2)
        return format(estimate.value);
    return format(estimate.value) + " (" + format(estimate.low) + " to " + format(estimate.high) + ")";
}

std::string kindOf(const FrameWords& words) {
    switch (words.outcome) {
    case FrameWords::None:
        return "none";
    case FrameWords::Bidirectional:
        return "bidirectional";
    case FrameWords::Centralized:
        return "centralized";
    case FrameWords::Distributed:
        return "distributed";
    default:
        return "undecided";
    }
}

std::string longReason(const FrameWords& words, double sinkShare, double baseline, const FrameThresholds& thresholds) {
    std::string text = sinkShare > 0 ? "Anchors receive " + percentText(sinkShare) + " of the attention, where uniform attention would give " +
                                           percentText(baseline) + ": an excess of " + withInterval(words.excess, percentText) + " of what there is to take" +
                                           (words.level == FrameLevel::Head ? "." : ", heads without a frame counted as 0.")
                                     : "No token is an anchor in enough heads: an excess of 0 %.";
    return text + conclusion(words, thresholds) + samplesNote(words.samples);
}

std::string shortReason(const FrameWords& words) {
    std::string text = "excess " + withInterval(words.excess, percentText);
    if (words.outcome == FrameWords::None || words.outcome == FrameWords::ExcessOpen)
        return text + (words.outcome == FrameWords::None ? ", below " : ", around ") + percentText(words.leastExcess);
    text += ", " + withInterval(words.anchors, plainText) + " anchors";
    if (!words.causal)
        text += ", ends " + withInterval(words.ends, percentText);
    return text;
}

std::string notEnoughReason(int samples, const FrameThresholds& thresholds) {
    const std::string tokens = std::to_string(thresholds.tokens) + " tokens";
    if (samples == 0)
        return "No sample has at least " + tokens + ".";
    return std::to_string(samples) + (samples == 1 ? " sample has at least " : " samples have at least ") + tokens + "; " +
           std::to_string(thresholds.samples) + " are needed.";
}

} // namespace sinkscope
