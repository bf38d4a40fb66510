// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/attention/statistics_builder.h"
#include "core/nn/taps.h"
#include "core/session/capture_run.h"

#include <memory>
#include <mutex>
#include <optional>

namespace sinkscope {

/// Listens to a forward pass: builds the statistics, writes what is kept to a capture, and hands each sample's layer on as soon as
/// it is complete. Threads: as TapConsumer says.
class CaptureConsumer : public TapConsumer {
public:
    /// `store` may be null for planning: nothing is written then, but the options decide what the pass delivers.
    CaptureConsumer(std::shared_ptr<CaptureStore> store, const KeepOptions& keep, int samples, bool causal, LayerArrived arrived);

    int attentionPasses() const override { return 2; }
    bool wantsLogits() const override { return m_keep.logits; }
    Result<void> onVectors(const VectorsTap& tap) override;
    void onAttention(const AttentionTap& tap) override;
    Result<void> onHidden(const HiddenTap& tap) override;
    Result<void> onLogits(const LogitsTap& tap) override;
    Result<void> onLayerDone(int layer) override;

private:
    Result<void> attentionProblem();

    std::shared_ptr<CaptureStore> m_store;
    KeepOptions m_keep;
    StatisticsBuilder m_builder;
    LayerArrived m_arrived;
    std::mutex m_mutex; ///< guards m_problem: attention arrives on several threads
    std::optional<Error> m_problem;
};

} // namespace sinkscope
