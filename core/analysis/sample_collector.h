// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/analysis/analysis.h"
#include "core/analysis/sink_findings.h"
#include "core/jobs/thread_team.h"

namespace sinkscope {

/// Collects what the samples say about sinks and frames. Thread: the one that made it, except for `addHead`.
class SampleCollector {
public:
    SampleCollector(const CaptureHeader& header, const AnalysisRequest& request);

    void beginSample(int sample);
    /// One head of a layer; `attention` is null where it cannot be had. From several threads, each with another head. Errors: NotFinite.
    Result<void> addHead(std::size_t slot, const LayerStatistics& statistics, int head, const HeadAttention* attention);
    /// After the heads of a layer.
    void endLayer(std::size_t slot, const LayerStatistics& statistics);
    void endSample(AnalysisResult& result);
    /// Verdicts of the model, its layers and heads. `result` has its rows of layers and heads. Errors: Cancelled.
    Result<void> finish(AnalysisResult& result, ThreadTeam& team, JobContext& context);

private:
    /// Sums over the heads and layers of the current sample, for one token.
    struct TokenSums {
        int sinkHeads = 0;
        double received = 0, keyRatio = 0, valueRatio = 0;
    };
    /// What one head of the current sample said.
    struct Head {
        std::vector<int> sinks;
        std::vector<Anchor> anchors;
        std::vector<KeyTest> tests;
        bool hadMatrix = false;
    };

    void addNorms(const LayerStatistics& statistics);
    void addFeatures(SampleFrame& frame);
    void addFindings(int mainToken);

    const CaptureHeader& m_header;
    const MetricParameters m_parameters;
    const FrameThresholds m_thresholds;
    const SinkTestOptions m_testOptions;
    SinkFindings m_findings;
    int m_sample = 0, m_groups = 0;
    std::vector<Head> m_heads;          ///< [slot, head] of the current sample
    std::vector<bool> m_finished;       ///< [slot] of the current sample
    std::vector<TokenSums> m_tokens;    ///< of the current sample
    bool m_usedMatrices = false, m_usedStatistics = false;
    std::vector<std::vector<FrameFeatures>> m_ofHeads, m_ofLayers; ///< [slot, head] and [slot], by sample
    std::vector<FrameFeatures> m_ofModel;
};

} // namespace sinkscope
