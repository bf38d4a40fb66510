// SPDX-License-Identifier: Apache-2.0
#include "core/analysis/verdict_text.h"

#include "core/analysis/frame_words.h"

namespace sinkscope {
namespace {

std::string scoresText(const FrameScores& scores) {
    return "centralized " + plainText(scores.centralized) + ", distributed " + plainText(scores.distributed) + ", bidirectional " +
           plainText(scores.bidirectional) + ", none " + plainText(scores.none) + " (0.5 is the border of a kind)";
}

std::string numbersText(const FrameVerdict& verdict, const FrameContext& context) {
    std::string text = "excess " + withInterval(verdict.excess, percentText);
    if (verdict.anchors.samples > 0)
        text += ", effective anchors " + withInterval(verdict.anchors, plainText);
    if (verdict.ends.samples > 0 && context.mask == "none")
        text += ", two ends " + withInterval(verdict.ends, percentText);
    text += ", attention on anchors " + withInterval(verdict.sinkShare, percentText) + ", by chance " + withInterval(verdict.baseline, percentText);
    return text + (verdict.excess.samples > 1 ? "; 95 % intervals over " + std::to_string(verdict.excess.samples) + " samples" : "");
}

} // namespace

std::vector<VerdictLine> verdictLines(const FrameVerdict& verdict, const FrameContext& context) {
    std::vector<VerdictLine> lines{{"frame", verdict.kind}};
    if (verdict.kind != kNotEnough) {
        lines.push_back({"scores", scoresText(verdict.scores)});
        lines.push_back({"numbers", numbersText(verdict, context)});
    }
    lines.push_back({"reasons", verdict.reason});
    lines.push_back({"read with", textOf(context)});
    return lines;
}

} // namespace sinkscope
