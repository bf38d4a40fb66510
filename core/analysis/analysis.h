// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/analysis/estimate.h"
#include "core/analysis/feature_family.h"
#include "core/analysis/frame_context.h"
#include "core/analysis/frame_evidence.h"
#include "core/analysis/sample_values.h"
#include "core/analysis/sink_test.h"
#include "core/analysis/verdict.h"
#include "core/corpus/sample_groups.h"
#include "core/jobs/job_context.h"

#include <map>
#include <memory>
#include <optional>
#include <string>

namespace sinkscope {

/// Keys of one head that the robust detector calls sinks (design note 3.1). Empty for fewer than 3 tokens. Thread: any.
std::vector<int> sinksOfHead(const LayerStatistics& statistics, int head, const MetricParameters& parameters);

/// Parameters that belong to no family: "frame", of the verdict, and "sinks", of the tests.
struct ParameterGroup {
    std::string_view id, title;
    std::span<const ParameterSpec> parameters;
};
std::span<const ParameterGroup> analysisParameters();

/// What to analyse, and how. All of it is recorded with the result.
struct AnalysisRequest {
    MetricParameters metrics{};
    /// Ids of the feature families to evaluate; nothing: the standard ones.
    std::optional<std::vector<std::string>> families{};
    ParameterValues features{};                      ///< "<family>.<parameter>", and those of analysisParameters()
    std::shared_ptr<const WeightAccess> weights{};   ///< null when the model is not at hand
    int threads = 0;                                 ///< 0: every processor this process may use
    TableGrouping grouping = TableGrouping::None;    ///< AnalysisResult::groups
};

using MetricEstimates = std::map<std::string, Estimate, std::less<>>; ///< by MetricSpec::id; absent when no sample had a value

struct HeadResult {
    int layer = 0, head = 0;
    MetricEstimates metrics;
    LevelVerdict verdict;
};

/// Over samples, of the mean over the heads of a layer; of metrics of whole layers, of their values.
struct LayerResult {
    int layer = 0;
    MetricEstimates metrics;
    LevelVerdict verdict;
};

/// A token that is a sink in at least one head.
struct SinkToken {
    int sample = 0, token = 0;
    std::string piece;      ///< display text
    double headShare = 0;   ///< of all analysed heads, those in which it is a sink
    double received = 0;    ///< mean received attention over all heads
    double keyNormRatio = 0, valueNormRatio = 0; ///< norm / mean norm of the other tokens, mean over layers and key/value heads
};

/// What a sample says about the frame of the model.
struct SampleFrame {
    bool finished = false;                 ///< it has a finished layer
    std::optional<FrameFeatures> features; ///< nothing when it is too short
};

/// The model, over the samples of a group.
struct GroupResult {
    std::string group;
    MetricEstimates model;
    FrameVerdict verdict;
    FrameContext context;
};

struct AnalysisResult {
    MetricParameters parameters;
    ParameterValues features;          ///< every parameter of the evaluated families and of analysisParameters(), also those at their standard
    std::vector<std::string> families; ///< that were evaluated
    std::vector<std::string> notes;    ///< what was left out, and why
    int samples = 0;
    std::vector<HeadResult> heads;     ///< layer-major
    std::vector<LayerResult> layers;
    MetricEstimates model;             ///< over samples, of the mean over all heads of all captured layers
    std::vector<SinkToken> sinks;      ///< by sample, then by falling headShare
    SinkTests sinkTests;
    FrameContext context;              ///< to be shown with every verdict
    FrameVerdict verdict;
    std::vector<GroupResult> groups;   ///< as AnalysisRequest::grouping says
    std::vector<SampleFrame> frames;   ///< by sample
    std::shared_ptr<const SampleValues> values; ///< what the estimates were made from
};

/// Evaluates every registered metric, and those of the chosen families, on what the capture holds; on several threads, with the same numbers
/// for any number of them. Thread: any but gui. Errors: those of the source; InvalidArgument (no finished layer, an unknown family or
/// parameter); Cancelled.
Result<std::shared_ptr<const AnalysisResult>> analyzeCapture(CaptureSource& source, const AnalysisRequest& request, JobContext& context);

} // namespace sinkscope
