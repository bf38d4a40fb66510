// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/analysis/metric_spec.h"
#include "core/jobs/job_context.h"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace sinkscope {

/// Keys of one head that the robust detector calls sinks (design note 3.1). Empty for fewer than 3 tokens. Thread: any.
std::vector<int> sinksOfHead(const LayerStatistics& statistics, int head, const MetricParameters& parameters);

/// Mean over samples with a 95 % percentile-bootstrap interval (2,000 resamples, fixed seed). With one sample low = high = value.
struct Estimate {
    double value = 0, low = 0, high = 0;
    int samples = 0; ///< that had a value
};
Estimate estimateOf(std::span<const double> values);

struct HeadResult {
    int layer = 0, head = 0;
    std::map<std::string, Estimate, std::less<>> metrics; ///< by MetricSpec::id; absent when no sample had a value
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
    int samples = 0;
    std::vector<HeadResult> heads; ///< layer-major
    std::vector<SinkToken> sinks;  ///< by sample, then by falling headShare
    FrameVerdict verdict;
};

/// Evaluates every registered metric on what the capture holds. Thread: any but gui. Errors: those of the source, Cancelled.
Result<std::shared_ptr<const AnalysisResult>> analyzeCapture(CaptureSource& source, const MetricParameters& parameters, JobContext& context);

} // namespace sinkscope
