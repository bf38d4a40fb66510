// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/attention/head_attention.h"

#include <span>
#include <vector>

namespace sinkscope {

/// The detector by quantile and frequency (design note 3.1) in its plain form, with every choice that its descriptions leave open. It
/// degenerates on clean sinks: for a head whose queries all give everything to token 0, ones fill 2/(T+1) of the triangle, so that the
/// 0.9-quantile is 0 from T = 20 on, where "at least" marks every token that enough queries see, and 1 up to T = 18, where "above" marks none;
/// only at T = 19 do both find token 0 alone. The streamed detector (sinksOfHead) avoids it, and is the standard one.
struct QuantileRule {
    double quantile = 0.9;     ///< tau, of the weights
    double frequency = 0.4;    ///< gamma
    double visibleShare = 0.3; ///< rho: a candidate is seen by at least ceil(rho T) queries...
    int minimumQueries = 1;    ///< ...and by this many
    bool includeHidden = false; ///< the zeros above the diagonal of a causal head count for the quantile
    bool strict = false;       ///< a hit is above tau; else at least tau
    bool dropFirst = false;    ///< query 0 of a causal head is left out everywhere
    bool aboveUniform = false; ///< a hit is also above 1 / (keys that the query sees)
};

/// Quantile of the weights of all these heads together, interpolated as numpy does. Nothing to look at: 0. Thread: any.
float pooledQuantile(std::span<const HeadAttention* const> heads, const QuantileRule& rule);
/// Keys whose share of hits is at least the frequency, ascending. Thread: any.
std::vector<int> quantileSinks(const HeadAttention& head, float threshold, const QuantileRule& rule);

} // namespace sinkscope
