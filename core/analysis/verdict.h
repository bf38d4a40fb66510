// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/analysis/analysis.h"

#include <map>
#include <span>

namespace sinkscope {

/// Fewer tokens than this in a sample, and it says nothing about the kind of frame.
inline constexpr int kShortestForVerdict = 4;

/// What one sample says about the reference frame, added up over its heads (layers x heads).
class FrameEvidence {
public:
    explicit FrameEvidence(const SampleTokens& tokens);
    /// `sinks` are those that the detector found in this head.
    void add(const LayerStatistics& statistics, int head, std::span<const int> sinks);

    /// Features of a sample, once all heads were added.
    struct Features {
        double anchors = 0;   ///< effective number of anchors of the sink mass; 0 without sinks
        double sinkShare = 0; ///< attention on anchors, in the heads where they are sinks, mean over all heads
        double baseline = 0;  ///< what uniform attention would put there
        double strength = 0;  ///< sinkShare / what counts as more than chance; 1 and more: there is a frame
        double endsShare = 0; ///< share of the sink mass on the first and last special token if these are the two largest anchors
        bool causal = true;
    };
    /// Nothing for a sample that is too short or has no head. An anchor is a token that is a sink in at least
    /// `parameters.anchorHeadShare` of the heads.
    [[nodiscard]] std::optional<Features> features(const MetricParameters& parameters) const;

private:
    struct Anchor {
        int heads = 0;
        double mass = 0, chance = 0; ///< sums over the heads in which it is a sink
    };
    std::map<int, Anchor> m_anchors; ///< by token
    int m_heads = 0, m_tokens = 0;
    int m_firstSpecial = -1, m_lastSpecial = -1;
    bool m_causal = true;
};

/// The verdict over samples. Our reconstruction (design note 3.2).
FrameVerdict verdictOf(std::span<const FrameEvidence::Features> samples);

} // namespace sinkscope
