// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/analysis/frame_evidence.h"
#include "core/attention/statistics_builder.h"
#include "core/jobs/thread_team.h"
#include "core/nn/taps.h"
#include "core/session/probe.h"

#include <array>

namespace sinkscope {

/// Heads of samples up to this length arrive as one block and are read as a matrix.
inline constexpr std::size_t kLongestMatrix = 512;

/// One number per ProbeQuantity; NaN: no value.
using ProbeValues = std::array<double, kProbeQuantities>;
ProbeValues noProbeValues();

/// What a sample's run shows.
struct SampleOutcome {
    ProbeValues before = noProbeValues(), after = noProbeValues(); ///< of the output: over common positions
    std::optional<FrameFeatures> features;
    [[nodiscard]] bool present() const;
};

/// A token that the detector calls a sink.
struct SinkPlace {
    int layer = 0, head = 0, token = 0;
};

/// Log-probabilities of the intact model, [tokens, vocabulary] per sample.
class KeptOutput {
public:
    void keep(const LogitsTap& tap, ThreadTeam& team, const JobContext& context);
    /// Compares logits of a changed run of `ids`, whose token i is token i + removed of `sample`, and fills loss (when `predicts`), KL
    /// and top-1.
    Result<void> compare(int sample, const LogitsTap& tap, std::span<const std::int32_t> ids, int removed, bool predicts,
                         ThreadTeam& team, const JobContext& context, SampleOutcome& outcome) const;

private:
    std::vector<std::vector<float>> m_rows; ///< [sample]
};

/// Listens to a run of some samples: frame features of each, and its logits handed on. No file, no matrix.
class ProbeConsumer : public TapConsumer {
public:
    using OnLogits = std::function<Result<void>(const LogitsTap&)>;
    /// `tokens` [sample] must live as long as this; `onLogits` may be empty.
    ProbeConsumer(std::vector<const SampleTokens*> tokens, const ModelSpec& model, const ProbeRequest& request, OnLogits onLogits);

    int attentionPasses() const override { return 2; }
    bool wantsLogits() const override { return static_cast<bool>(m_onLogits); }
    Result<void> onVectors(const VectorsTap& tap) override;
    void onAttention(const AttentionTap& tap) override;
    Result<void> onHidden(const HiddenTap& tap) override;
    Result<void> onLogits(const LogitsTap& tap) override { return m_onLogits(tap); }

    /// After the run: fills the frame's numbers into `values`; returns the features of the verdict.
    std::optional<FrameFeatures> frameOf(int sample, ProbeValues& values) const;
    [[nodiscard]] const std::vector<SinkPlace>& sinksOf(int sample) const { return m_frames[static_cast<std::size_t>(sample)].sinks; }

private:
    struct Frame {
        /// [layer, head] Of the verdict: from the matrix where it arrives in one piece, which longer heads do not; then from statistics.
        std::vector<std::vector<Anchor>> anchors;
        double rate = 0, mass = 0;
        int rates = 0, masses = 0;
        std::vector<SinkPlace> sinks;
    };
    std::vector<const SampleTokens*> m_tokens;
    const ProbeRequest& m_request;
    const int m_heads;
    const bool m_causal;
    OnLogits m_onLogits;
    StatisticsBuilder m_builder;
    std::vector<Frame> m_frames;
};

} // namespace sinkscope
