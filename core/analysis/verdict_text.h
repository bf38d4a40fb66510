// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/analysis/frame_context.h"
#include "core/analysis/verdict.h"

#include <string>
#include <vector>

namespace sinkscope {

/// One part of a verdict in words: what it is, and the text.
struct VerdictLine {
    std::string name, text;
};

/// A whole verdict in words, for people: the kind, the score of every kind, the numbers with their intervals over samples, the reasons, and what it
/// has to be read with. Without scores and numbers where there is not enough. Thread: any.
std::vector<VerdictLine> verdictLines(const FrameVerdict& verdict, const FrameContext& context);

} // namespace sinkscope
