// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/analysis/analysis.h"
#include "core/session/capture_run.h"
#include "core/session/probe_spec.h"

namespace sinkscope {

/// Fewer samples with a value than this, and no sentence names a cause.
inline constexpr int kFewestForCause = 5;

struct ProbeRequest {
    std::vector<std::string> texts;
    BosChoice bos = BosChoice::Auto;
    std::vector<std::string> probes;                       ///< ids; empty: every registered one, as far as it applies
    ParameterValues values;                                ///< "<probe>.<parameter>"
    std::map<std::string, std::string, std::less<>> replacements{}; ///< text choices, "<probe>.<text>"
    MetricParameters metrics{};                            ///< of the detector, which finds the anchors to edit
    FrameThresholds frame{};                               ///< of the verdicts
    int draws = 5;                                         ///< of each control and sample, 1 to 1000
    std::uint64_t seed = 1;                                ///< of the controls
    std::uint64_t keptBytes = 256'000'000;                 ///< log-probabilities and hidden states: samples run in groups that fit (or one by one)
    RunOptions options;
};

/// What is measured of every sample. `loss`: mean surprise of the next token, nats, decoders only. `kl`: mean KL(intact || changed) of the output
/// distributions, nats. `top1`: share of positions whose most probable token is the same. These three are taken over the positions that both
/// runs have. `sink_rate`, `sink_mass`: means over heads of the metrics of that id; `anchors`, `sink_share`: features of the verdict.
enum class ProbeQuantity { Loss, Kl, Top1, SinkRate, SinkMass, Anchors, SinkShare };
inline constexpr std::size_t kProbeQuantities = 7;
std::string_view idOf(ProbeQuantity quantity);    ///< "sink_rate"
std::string_view titleOf(ProbeQuantity quantity); ///< "sink rate"

/// The same edit where it should matter less, mean over the draws of a sample.
struct ControlEffect {
    /// "random_position": as many other tokens, same heads; "random_head": same tokens, as many heads where they are no sinks, or all of
    /// these where they are fewer
    std::string id;
    Estimate change; ///< with the control's edit, minus intact
    Estimate excess; ///< change of the probe minus change of the control, paired by sample; with the probe's edit in as many heads as the control's
    Estimate own{};  ///< that change of the probe, where there was a sample with too few other heads; else without samples
};

/// All estimates are means over samples with a 95 % bootstrap interval; changes are paired.
struct QuantityEffect {
    ProbeQuantity quantity = ProbeQuantity::Loss;
    Estimate before, after, change;
    std::vector<ControlEffect> controls;
    /// At least kFewestForCause samples, an interval of the change that holds neither 0 nor any part of a control's, a paired excess over
    /// every control whose interval does not hold 0, and no change that the edit makes by construction. Not corrected for several quantities.
    bool causal = false;
    std::string sentence; ///< in words; says "because" only when `causal`
};

struct ProbeOutcome {
    std::string id, title;
    std::map<std::string, std::string> settings; ///< every parameter, as text
    std::string problem;                         ///< why it was not run; the rest is empty then
    std::vector<std::string> notes;
    int samples = 0;                             ///< that had what the probe changes
    double anchorsEdited = 0, headsEdited = 0;   ///< mean per sample; 0 for probes without `edit`
    FrameVerdict before, after;                  ///< over those samples
    FrameContext context;                        ///< of the changed run: what `after` has to be read with
    std::vector<QuantityEffect> effects;         ///< without quantities that no sample has
};

struct ProbeResult {
    CaptureHeader header;   ///< model and samples; its recipe is that of the intact run
    MetricParameters metrics;
    int draws = 0, groups = 0;
    std::uint64_t seed = 0;
    FrameVerdict intact;    ///< over all samples
    FrameContext context;   ///< of the intact run
    std::vector<ProbeOutcome> outcomes;
};

/// Runs the texts through the model as it is and through every probe. Equal requests give equal results. Thread: the torch strand.
/// Errors: those of planCapture and runModel; InvalidArgument (unknown probe or parameter; draws; a probe that was asked for by name and that
/// this model or these samples cannot have); Cancelled.
Result<std::shared_ptr<const ProbeResult>> runProbes(const LoadedModel& model, const ProbeRequest& request, JobContext& context);

} // namespace sinkscope
