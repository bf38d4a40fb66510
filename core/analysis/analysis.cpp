// SPDX-License-Identifier: Apache-2.0
#include "core/analysis/analysis.h"

#include "core/analysis/feature_runner.h"
#include "core/analysis/head_measures.h"
#include "core/analysis/verdict.h"

#include <algorithm>

namespace sinkscope {
namespace {

/// Float rounding of a stored frequency must not decide: 2/5 is 0.4.
constexpr double kFrequencySlack = 1e-6;

/// Collects what the samples say about sinks and frames, one layer at a time.
class Collector {
public:
    Collector(const CaptureHeader& header, const MetricParameters& parameters)
        : m_header(header), m_parameters(parameters) {}

    void beginSample(int sample);
    void add(const LayerStatistics& statistics);
    void endSample(AnalysisResult& result);
    void finish(AnalysisResult& result) const { result.verdict = verdictOf(m_features); }

private:
    /// Sums over the heads and layers of the current sample, for one token.
    struct TokenSums {
        int sinkHeads = 0;
        double received = 0, keyRatio = 0, valueRatio = 0;
    };

    void addNorms(const LayerStatistics& statistics);

    const CaptureHeader& m_header;
    const MetricParameters& m_parameters;
    std::vector<FrameEvidence::Features> m_features;
    int m_sample = 0, m_heads = 0, m_groups = 0;
    std::vector<TokenSums> m_tokens;
    std::optional<FrameEvidence> m_evidence;
};

void Collector::beginSample(int sample) {
    const SampleTokens& tokens = *m_header.samples[static_cast<std::size_t>(sample)];
    m_sample = sample;
    m_heads = m_groups = 0;
    m_tokens.assign(tokens.encoding.ids.size(), {});
    m_evidence.emplace(tokens);
}

void Collector::add(const LayerStatistics& statistics) {
    for (int head = 0; head < statistics.heads; ++head) {
        const auto sinks = sinksOfHead(statistics, head, m_parameters);
        m_evidence->add(statistics, head, sinks);
        for (const int token : sinks)
            ++m_tokens[static_cast<std::size_t>(token)].sinkHeads;
        for (std::size_t token = 0; token < m_tokens.size(); ++token)
            m_tokens[token].received += statistics.received(head, static_cast<int>(token));
        ++m_heads;
    }
    addNorms(statistics);
}

void Collector::addNorms(const LayerStatistics& statistics) {
    for (int group = 0; group < statistics.keyValueHeads; ++group) {
        const auto keys = statistics.ofHead(statistics.keyNorm, group);
        const auto values = statistics.ofHead(statistics.valueNorm, group);
        double keySum = 0, valueSum = 0;
        for (std::size_t token = 0; token < m_tokens.size(); ++token) {
            keySum += keys[token];
            valueSum += values[token];
        }
        const double others = static_cast<double>(m_tokens.size()) - 1;
        for (std::size_t token = 0; token < m_tokens.size(); ++token) {
            const double otherKeys = keySum - keys[token], otherValues = valueSum - values[token];
            m_tokens[token].keyRatio += otherKeys > 0 ? keys[token] * others / otherKeys : 0;
            m_tokens[token].valueRatio += otherValues > 0 ? values[token] * others / otherValues : 0;
        }
        ++m_groups;
    }
}

void Collector::endSample(AnalysisResult& result) {
    if (m_heads == 0)
        return;
    ++result.samples;
    if (const auto features = m_evidence->features(m_parameters))
        m_features.push_back(*features);
    const SampleTokens& tokens = *m_header.samples[static_cast<std::size_t>(m_sample)];
    const std::size_t first = result.sinks.size();
    for (std::size_t token = 0; token < m_tokens.size(); ++token) {
        const TokenSums& sums = m_tokens[token];
        if (sums.sinkHeads > 0)
            result.sinks.push_back({.sample = m_sample, .token = static_cast<int>(token), .piece = tokens.display[token],
                                    .headShare = static_cast<double>(sums.sinkHeads) / m_heads, .received = sums.received / m_heads,
                                    .keyNormRatio = sums.keyRatio / m_groups, .valueNormRatio = sums.valueRatio / m_groups});
    }
    std::stable_sort(result.sinks.begin() + static_cast<std::ptrdiff_t>(first), result.sinks.end(),
                     [](const SinkToken& a, const SinkToken& b) { return a.headShare > b.headShare; });
}

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
        result.layers.push_back({.layer = layer, .metrics = {}});
        for (int head = 0; head < header.heads; ++head)
            result.heads.push_back({.layer = layer, .head = head, .metrics = {}});
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

Result<std::shared_ptr<const AnalysisResult>> analyzeCapture(CaptureSource& source, const AnalysisRequest& request, JobContext& context) {
    const CaptureHeader& header = source.header();
    const int samples = static_cast<int>(header.samples.size());
    auto result = std::make_shared<AnalysisResult>();
    result->parameters = request.metrics;
    SINKSCOPE_TRY(FeatureRunner runner, FeatureRunner::create(source, request));
    ThreadTeam team(request.threads > 0 ? request.threads : usableProcessors());
    Collector collector(header, request.metrics);
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
            collector.add(*statistics);
        }
        collector.endSample(*result);
        context.progress((sample + 1.0) / (samples + 1.0), "sample " + std::to_string(sample + 1) + " of " + std::to_string(samples));
    }
    if (result->samples == 0)
        return Error{ErrorCode::InvalidArgument, "the capture has no finished layer to analyse", {}};
    runner.finish(*result);
    SINKSCOPE_CHECK(estimateAll(header, *result, team, context));
    collector.finish(*result);
    context.progress(1.0, "analysed");
    return std::shared_ptr<const AnalysisResult>(std::move(result));
}

} // namespace sinkscope
