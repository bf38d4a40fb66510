// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/analysis/sink_test.h"
#include "core/capture/capture.h"

#include <span>
#include <string>

namespace sinkscope {

/// What a verdict has to be read with: sinks depend on all of it (design note 7).
struct FrameContext {
    bool bosPresent = false;
    int firstTokenId = -1;     ///< of the first sample
    std::string firstToken;    ///< display text
    bool sameFirstToken = true; ///< of all samples
    std::string positions;     ///< kind of positions in words, with RoPE base and scaling
    std::string dtype;         ///< of weights and computation; "not recorded" for captures that do not say
    std::string mask;          ///< "causal" or "none"
    std::string null;          ///< what sinks were tested against
    int samples = 0;           ///< analysed
    int fewestTokens = 0, mostTokens = 0;
    double medianTokens = 0;   ///< over all samples of the capture
};
FrameContext frameContextOf(const CaptureHeader& header, int samples, const SinkTestOptions& options);
/// Fills in what the samples decide, from the number of tokens and the first token's id of each.
void describeSamples(FrameContext& context, std::span<const int> lengths, std::span<const int> firstTokens);
/// One line for people.
std::string textOf(const FrameContext& context);

} // namespace sinkscope
