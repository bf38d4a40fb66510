// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/analysis/estimate.h"
#include "core/analysis/feature_family.h"
#include "core/analysis/sample_values.h"
#include "core/jobs/job_context.h"

#include <map>
#include <memory>
#include <optional>
#include <string>

namespace sinkscope {

/// Keys of one head that the robust detector calls sinks (design note 3.1). Empty for fewer than 3 tokens. Thread: any.
std::vector<int> sinksOfHead(const LayerStatistics& statistics, int head, const MetricParameters& parameters);

/// What to analyse, and how. All of it is recorded with the result.
struct AnalysisRequest {
    MetricParameters metrics{};
    /// Ids of the feature families to evaluate; nothing: the standard ones.
    std::optional<std::vector<std::string>> families{};
    ParameterValues features{};                      ///< "<family>.<parameter>"
    std::shared_ptr<const WeightAccess> weights{};   ///< null when the model is not at hand
    int threads = 0;                                 ///< 0: every processor this process may use
};

using MetricEstimates = std::map<std::string, Estimate, std::less<>>; ///< by MetricSpec::id; absent when no sample had a value

struct HeadResult {
    int layer = 0, head = 0;
    MetricEstimates metrics;
};

/// Over samples, of the mean over the heads of a layer; of metrics of whole layers, of their values.
struct LayerResult {
    int layer = 0;
    MetricEstimates metrics;
};

/// A token that is a sink in at least one head.
struct SinkToken {
    int sample = 0, token = 0;
    std::string piece;      ///< display text
    double headShare = 0;   ///< of all analysed heads, those in which it is a sink
    double received = 0;    ///< mean received attention over all heads
    double keyNormRatio = 0, valueNormRatio = 0; ///< norm / mean norm of the other tokens, mean over layers and key/value heads
};

/// Reading of the sinks as a kind of reference frame. The rule is our reconstruction (design note 3.2), not the paper's.
struct FrameVerdict {
    std::string kind;       ///< "centralized", "distributed", "bidirectional", "none", "undecided" or "not enough"
    std::string reason;     ///< in words, with the numbers
    Estimate anchors;       ///< effective number of anchors of the sink mass
    Estimate sinkShare;     ///< attention mass on sinks
    Estimate baseline;      ///< the mass that uniform attention would put on the same tokens
};

struct AnalysisResult {
    MetricParameters parameters;
    ParameterValues features;          ///< every parameter of the evaluated families, also those at their standard
    std::vector<std::string> families; ///< that were evaluated
    std::vector<std::string> notes;    ///< what was left out, and why
    int samples = 0;
    std::vector<HeadResult> heads;     ///< layer-major
    std::vector<LayerResult> layers;
    MetricEstimates model;             ///< over samples, of the mean over all heads of all captured layers
    std::vector<SinkToken> sinks;      ///< by sample, then by falling headShare
    FrameVerdict verdict;
    std::shared_ptr<const SampleValues> values; ///< what the estimates were made from
};

/// Evaluates every registered metric, and those of the chosen families, on what the capture holds; on several threads, with the same numbers
/// for any number of them. Thread: any but gui. Errors: those of the source; InvalidArgument (no finished layer, an unknown family or
/// parameter); Cancelled.
Result<std::shared_ptr<const AnalysisResult>> analyzeCapture(CaptureSource& source, const AnalysisRequest& request, JobContext& context);

} // namespace sinkscope
