// SPDX-License-Identifier: Apache-2.0
#include "core/analysis/analysis.h"

#include "core/analysis/detector_parameters.h"
#include "core/analysis/feature_runner.h"
#include "core/analysis/group_results.h"
#include "core/analysis/head_measures.h"
#include "core/analysis/sample_collector.h"

namespace sinkscope {
namespace {

/// Float rounding of a stored frequency must not decide: 2/5 is 0.4.
constexpr double kFrequencySlack = 1e-6;

/// Puts the estimates of a table of rows, one per owner, where they belong. Rows without any value leave nothing.
template <typename Place> void estimateRows(const Bootstrap& bootstrap, const MetricSpec& metric, std::span<const double> rows, Place place) {
    const std::vector<Estimate> estimates = bootstrap.ofRows(rows);
    for (std::size_t i = 0; i < estimates.size(); ++i)
        if (estimates[i].samples > 0)
            place(i).emplace(std::string(metric.id), estimates[i]);
}

/// Estimates of one metric on all levels.
void estimateMetric(const Bootstrap& bootstrap, const SampleValues& values, std::size_t metric, AnalysisResult& result) {
    const MetricSpec& spec = *values.metrics()[metric];
    std::vector<double> rows;
    const auto append = [&](std::span<const double> row) { rows.insert(rows.end(), row.begin(), row.end()); };
    if (!values.isPerLayer(metric)) {
        for (std::size_t slot = 0; slot < values.layers().size(); ++slot)
            for (int head = 0; head < values.headsOf(metric); ++head)
                append(values.row(metric, slot, head));
        estimateRows(bootstrap, spec, rows, [&](std::size_t i) -> MetricEstimates& { return result.heads[i].metrics; });
        rows.clear();
    }
    for (std::size_t slot = 0; slot < values.layers().size(); ++slot)
        append(values.layerMeans(metric, slot));
    estimateRows(bootstrap, spec, rows, [&](std::size_t i) -> MetricEstimates& { return result.layers[i].metrics; });
    estimateRows(bootstrap, spec, values.modelMeans(metric), [&](std::size_t) -> MetricEstimates& { return result.model; });
}

Result<void> estimateAll(const CaptureHeader& header, AnalysisResult& result, ThreadTeam& team, JobContext& context) {
    for (const int layer : header.capturedLayers) {
        result.layers.push_back({.layer = layer, .metrics = {}, .verdict = {}});
        for (int head = 0; head < header.heads; ++head)
            result.heads.push_back({.layer = layer, .head = head, .metrics = {}, .verdict = {}});
    }
    const SampleValues& values = *result.values;
    const Bootstrap bootstrap(values.samples());
    // The maps are filled metric by metric; the numbers of different metrics are made at the same time.
    std::vector<AnalysisResult> parts(values.metrics().size());
    SINKSCOPE_CHECK(team.run(parts.size(), [&](std::size_t metric, int) {
        parts[metric].heads.resize(result.heads.size());
        parts[metric].layers.resize(result.layers.size());
        estimateMetric(bootstrap, values, metric, parts[metric]);
    }, context));
    for (AnalysisResult& part : parts) {
        for (std::size_t i = 0; i < part.heads.size(); ++i)
            result.heads[i].metrics.merge(part.heads[i].metrics);
        for (std::size_t i = 0; i < part.layers.size(); ++i)
            result.layers[i].metrics.merge(part.layers[i].metrics);
        result.model.merge(part.model);
    }
    return {};
}

} // namespace

std::vector<int> sinksOfHead(const LayerStatistics& statistics, int head, const MetricParameters& parameters) {
    std::vector<int> sinks;
    if (statistics.tokens < kShortestSample)
        return sinks;
    const auto frequencies = statistics.ofHead(statistics.hitFrequency, head);
    const int required = requiredQueries(statistics, parameters);
    for (int key = 0; key < statistics.tokens; ++key)
        if (frequencies[static_cast<std::size_t>(key)] >= parameters.hitFrequency - kFrequencySlack &&
            countedQueries(statistics, key) >= required &&
            massOn(statistics, head, key) >= parameters.minimumExcess * chanceMassOn(statistics, key))
            sinks.push_back(key);
    return sinks;
}

Result<std::shared_ptr<const AnalysisResult>> analyzeCapture(CaptureSource& source, const AnalysisRequest& asked, JobContext& context) {
    AnalysisRequest request = asked;
    request.metrics = detectorParametersOf(asked.metrics, asked.features);
    const CaptureHeader& header = source.header();
    const int samples = static_cast<int>(header.samples.size());
    auto result = std::make_shared<AnalysisResult>();
    result->parameters = request.metrics;
    result->frames.resize(header.samples.size());
    SINKSCOPE_TRY(FeatureRunner runner, FeatureRunner::create(source, request));
    ThreadTeam team(request.threads > 0 ? request.threads : usableProcessors());
    SampleCollector collector(header, request);
    runner.visitHeads([&](std::size_t slot, const LayerStatistics& statistics, int head, const HeadAttention* attention) {
        return collector.addHead(slot, statistics, head, attention);
    });
    for (int sample = 0; sample < samples; ++sample) {
        collector.beginSample(sample);
        runner.beginSample(sample);
        for (std::size_t slot = 0; slot < header.capturedLayers.size(); ++slot) {
            SINKSCOPE_CHECK(context.checkpoint());
            const int layer = header.capturedLayers[slot];
            if (!source.hasLayer(sample, layer))
                continue;
            SINKSCOPE_TRY(const auto statistics, source.statistics(sample, layer));
            result->parameters.hitQuantile = statistics->quantile; // not a choice any more
            SINKSCOPE_CHECK(runner.run(slot, statistics, team, context));
            collector.endLayer(slot, *statistics);
        }
        collector.endSample(*result);
        context.progress((sample + 1.0) / (samples + 1.0), "sample " + std::to_string(sample + 1) + " of " + std::to_string(samples));
    }
    if (result->samples == 0)
        return Error{ErrorCode::InvalidArgument, "the capture has no finished layer to analyse", {}};
    runner.finish(*result);
    SINKSCOPE_CHECK(estimateAll(header, *result, team, context));
    for (const ParameterGroup& group : analysisParameters())
        for (const ParameterSpec& parameter : group.parameters)
            result->features[std::string(group.id) + "." + std::string(parameter.id)] = valueOf(request.features, group.id, parameter);
    for (const auto& [key, value] : detectorValuesOf(request.metrics))
        result->features[key] = value;
    result->context = frameContextOf(header, result->samples, sinkTestOptionsOf(request.features));
    SINKSCOPE_CHECK(collector.finish(*result, team, context));
    result->groups = groupResults(*result, header, groupsOf(header, request.grouping));
    context.progress(1.0, "analysed");
    return std::shared_ptr<const AnalysisResult>(std::move(result));
}

} // namespace sinkscope
