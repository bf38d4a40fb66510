// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/attention/layer_statistics.h"
#include "core/base/result.h"
#include "core/nn/taps.h"

#include <memory>
#include <vector>

namespace sinkscope {

class QuantileSketch;

/// Of the visible weights of a head; what is not below it may be a hit of the robust detector (design note 3.1).
inline constexpr double kHitQuantile = 0.9;

/// A weight of at least this counts as a hit of the robust detector whatever the quantile is. In a short head with a clean sink
/// more than a tenth of the weights are large, so that the quantile falls among them and noise decides which of them reach it.
/// 0.4 is above what a near-uniform query gives to any of three keys, and below the half of a pair of sinks. Our choice.
inline constexpr float kHitCeiling = 0.4F;

/// Turns the blocks of a forward pass into LayerStatistics. Needs two passes over the attention (see TapConsumer).
///
/// Per (sample, layer): `begin`, then `add` for every block of every head and pass, then `finish`. The quantile is exact for a head
/// that arrives as one block, and rounded down by at most 2^-10 of itself when it arrives in several.
/// Threads: `add` may run for several heads at once (every head has its own memory; there is no lock); the rest from one thread.
class StatisticsBuilder {
public:
    StatisticsBuilder(int samples, bool causal, double quantile = kHitQuantile);
    ~StatisticsBuilder();
    StatisticsBuilder(const StatisticsBuilder&) = delete;
    StatisticsBuilder& operator=(const StatisticsBuilder&) = delete;

    /// Makes room for a sample's layer and takes the norms of its vectors.
    void begin(const VectorsTap& vectors);
    void add(const AttentionTap& block);
    /// The finished statistics; the builder forgets them. Errors: NotFinite, naming layer, sample and head.
    Result<std::shared_ptr<const LayerStatistics>> finish(const HiddenTap& hidden);
    /// Bytes that one sample's layer takes while it is being built.
    static std::size_t bytesPerSample(int tokens, int heads, int keyValueHeads);

private:
    struct Slot;
    void addFirstPass(Slot& slot, const AttentionTap& block) const;
    void addSecondPass(Slot& slot, const AttentionTap& block) const;

    std::vector<std::unique_ptr<Slot>> m_slots; ///< [sample]
    bool m_causal;
    double m_quantile;
};

} // namespace sinkscope
