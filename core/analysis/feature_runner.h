// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/analysis/analysis.h"
#include "core/analysis/unrotation.h"
#include "core/jobs/thread_team.h"

namespace sinkscope {

/// Evaluates metrics of statistics and feature families on one layer of one sample after the other, heads in parallel.
/// Thread: the one that made it.
class FeatureRunner {
public:
    /// Checks the request against the registry and the source. Families that cannot be evaluated are left out, with a note.
    /// Errors: InvalidArgument.
    static Result<FeatureRunner> create(CaptureSource& source, const AnalysisRequest& request);

    /// Called for every head, also when no family is evaluated, with its attention where the source has it and the sample is not too long,
    /// else null. From several threads, each with another head.
    using HeadVisitor = std::function<Result<void>(std::size_t slot, const LayerStatistics& statistics, int head, const HeadAttention* attention)>;
    void visitHeads(HeadVisitor visitor) { m_visitor = std::move(visitor); }

    void beginSample(int sample);
    Result<void> run(std::size_t slot, const std::shared_ptr<const LayerStatistics>& statistics, ThreadTeam& team, JobContext& context);
    /// Into `result`: values, families, parameters and notes.
    void finish(AnalysisResult& result);

private:
    struct Chosen {
        const FeatureFamily* family = nullptr;
        std::size_t firstMetric = 0; ///< in the values
        std::vector<double> parameters;
        std::shared_ptr<void> state; ///< of the current sample
    };
    FeatureRunner(CaptureSource& source, const AnalysisRequest& request) : m_source(source), m_request(request) {}
    Result<void> choose();
    bool canEvaluate(const FeatureFamily& family);
    Result<void> runHead(std::size_t slot, const LayerStatistics& statistics, int head);
    Result<void> runLayer(std::size_t slot, const LayerStatistics& statistics, Chosen& chosen);
    std::shared_ptr<const HeadAttention> attentionOf(int layer, int head); ///< of the current sample; null where it is not
    bool isTooLong(const Chosen& chosen, int tokens) const { return tokens > chosen.family->longest; }
    void store(const Chosen& chosen, std::size_t slot, int head, std::span<const double> values);

    CaptureSource& m_source;
    const AnalysisRequest& m_request;
    std::vector<Chosen> m_chosen;
    HeadVisitor m_visitor;
    std::optional<Unrotation> m_unrotation; ///< where a family needs it
    std::vector<std::string> m_notes;
    std::shared_ptr<SampleValues> m_values;
    std::shared_ptr<const HeadVectors> m_hidden; ///< of the current layer
    int m_sample = 0;
};

} // namespace sinkscope
