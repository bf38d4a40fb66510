// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/session/probe_measure.h"

namespace sinkscope {

/// An anchor of a sample and the heads in which it is a sink.
struct AnchorPlaces {
    int token = 0;
    std::vector<HeadPlace> heads;
};

/// Tokens that are sinks in at least `parameters.anchorHeadShare` of the layers x heads, ascending: the anchors of the verdict.
std::vector<AnchorPlaces> anchorsOf(std::span<const SinkPlace> sinks, int layers, int heads, const MetricParameters& parameters);

/// What the draws of a sample depend on, and on nothing else: not on threads, groups or other samples.
struct DrawSeed {
    std::uint64_t seed = 0;
    int sample = 0, draw = 0;
};

/// Edits of a sample (its number in the run is still 0). Empty heads of an edit mean all.
using SampleEdits = std::vector<AttentionEdit>;
SampleEdits editsOf(std::span<const AnchorPlaces> anchors, AttentionEdit::Kind kind, AnchorHeads where);
/// Each anchor replaced by another token that is none, in the same heads. Empty when there are not enough others.
SampleEdits atRandomPositions(std::span<const AnchorPlaces> anchors, AttentionEdit::Kind kind, AnchorHeads where, int tokens,
                              const DrawSeed& seed);
/// The edit in other heads, and what it is to be compared with.
struct HeadControl {
    SampleEdits elsewhere; ///< each anchor in as many heads where it is no sink as it is one in, or in all of those if they are fewer; empty: none
    SampleEdits here;      ///< each anchor in that number of its own heads, drawn too; empty: that is the whole edit
};
HeadControl inRandomHeads(std::span<const AnchorPlaces> anchors, AttentionEdit::Kind kind, int layers, int heads, const DrawSeed& seed);

} // namespace sinkscope
