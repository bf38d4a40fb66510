// SPDX-License-Identifier: Apache-2.0
#include "core/analysis/sample_collector.h"

#include <algorithm>

namespace sinkscope {

SampleCollector::SampleCollector(const CaptureHeader& header, const AnalysisRequest& request)
    : m_header(header), m_parameters(request.metrics), m_thresholds(frameThresholdsOf(request.features)),
      m_testOptions(sinkTestOptionsOf(request.features)), m_findings(header, m_testOptions, request.metrics.minimumExcess) {
    const std::size_t layers = header.capturedLayers.size();
    m_ofHeads.resize(layers * static_cast<std::size_t>(header.heads));
    m_ofLayers.resize(layers);
}

void SampleCollector::beginSample(int sample) {
    m_sample = sample;
    m_groups = 0;
    m_heads.assign(m_ofHeads.size(), {});
    m_finished.assign(m_ofLayers.size(), false);
    m_tokens.assign(m_header.samples[static_cast<std::size_t>(sample)]->encoding.ids.size(), {});
}

Result<void> SampleCollector::addHead(std::size_t slot, const LayerStatistics& statistics, int head, const HeadAttention* attention) {
    Head& place = m_heads[slot * static_cast<std::size_t>(m_header.heads) + static_cast<std::size_t>(head)];
    place.sinks = sinksOfHead(statistics, head, m_parameters);
    place.hadMatrix = attention != nullptr;
    const auto inHead = [&](Error error) {
        error.detail += " (sample " + std::to_string(m_sample) + ", layer " + std::to_string(statistics.layer) + ", head " + std::to_string(head) + ")";
        return error;
    };
    auto tests = testKeys(statistics, head, attention, m_parameters, m_testOptions.null);
    if (!tests)
        return inHead(tests.error());
    place.tests = std::move(*tests);
    auto anchors = frameAnchorsOf(statistics, head, attention, m_parameters, m_thresholds);
    if (!anchors)
        return inHead(anchors.error());
    place.anchors = std::move(*anchors);
    return {};
}

void SampleCollector::endLayer(std::size_t slot, const LayerStatistics& statistics) {
    m_finished[slot] = true;
    for (int head = 0; head < statistics.heads; ++head) {
        const Head& place = m_heads[slot * static_cast<std::size_t>(m_header.heads) + static_cast<std::size_t>(head)];
        (place.hadMatrix ? m_usedMatrices : m_usedStatistics) = true;
        for (const int token : place.sinks)
            ++m_tokens[static_cast<std::size_t>(token)].sinkHeads;
        for (std::size_t token = 0; token < m_tokens.size(); ++token)
            m_tokens[token].received += statistics.received(head, static_cast<int>(token));
    }
    addNorms(statistics);
}

void SampleCollector::addNorms(const LayerStatistics& statistics) {
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

void SampleCollector::addFeatures(SampleFrame& frame) {
    const FrameSample sample = frameSampleOf(*m_header.samples[static_cast<std::size_t>(m_sample)], m_header.rule.causal);
    const auto heads = static_cast<std::size_t>(m_header.heads);
    std::vector<std::vector<Anchor>> all;
    const auto append = [&](std::vector<FrameFeatures>& place, std::span<const std::vector<Anchor>> anchors, FrameLevel level) {
        if (const auto features = frameFeatures(anchors, sample, level, m_parameters.anchorHeadShare, m_thresholds))
            place.push_back(*features);
    };
    for (std::size_t slot = 0; slot < m_finished.size(); ++slot) {
        if (!m_finished[slot])
            continue;
        const std::size_t first = all.size();
        for (std::size_t head = 0; head < heads; ++head)
            all.push_back(std::move(m_heads[slot * heads + head].anchors));
        const auto layer = std::span<const std::vector<Anchor>>(all).subspan(first);
        for (std::size_t head = 0; head < heads; ++head)
            append(m_ofHeads[slot * heads + head], layer.subspan(head, 1), FrameLevel::Head);
        append(m_ofLayers[slot], layer, FrameLevel::Layer);
    }
    frame = {.finished = true, .features = frameFeatures(all, sample, FrameLevel::Model, m_parameters.anchorHeadShare, m_thresholds)};
    if (frame.features)
        m_ofModel.push_back(*frame.features);
}

void SampleCollector::addFindings(int mainToken) {
    const auto count = static_cast<std::size_t>(m_header.heads);
    std::vector<SinkFindings::Head> heads;
    for (std::size_t slot = 0; slot < m_finished.size(); ++slot) {
        if (!m_finished[slot])
            continue;
        const auto layer = std::span(m_heads).subspan(slot * count, count);
        if (m_testOptions.null == SinkNull::OtherHeads) {
            std::vector<std::vector<KeyTest>> tests;
            for (Head& head : layer)
                tests.push_back(std::move(head.tests));
            compareHeads(tests);
            for (std::size_t head = 0; head < count; ++head)
                layer[head].tests = std::move(tests[head]);
        }
        for (std::size_t head = 0; head < count; ++head)
            heads.push_back({.layer = m_header.capturedLayers[slot], .head = static_cast<int>(head), .slot = slot, .tests = layer[head].tests,
                             .sinks = layer[head].sinks});
    }
    m_findings.addSample(m_sample, heads, mainToken);
}

void SampleCollector::endSample(AnalysisResult& result) {
    const int heads = m_header.heads * static_cast<int>(std::ranges::count(m_finished, true));
    if (heads == 0)
        return;
    ++result.samples;
    addFeatures(result.frames[static_cast<std::size_t>(m_sample)]);
    const auto main = std::ranges::max_element(m_tokens, {}, &TokenSums::sinkHeads);
    addFindings(main != m_tokens.end() && main->sinkHeads > 0 ? static_cast<int>(main - m_tokens.begin()) : -1);
    const SampleTokens& tokens = *m_header.samples[static_cast<std::size_t>(m_sample)];
    const std::size_t first = result.sinks.size();
    for (std::size_t token = 0; token < m_tokens.size(); ++token) {
        const TokenSums& sums = m_tokens[token];
        if (sums.sinkHeads > 0)
            result.sinks.push_back({.sample = m_sample, .token = static_cast<int>(token), .piece = tokens.display[token],
                                    .headShare = static_cast<double>(sums.sinkHeads) / heads, .received = sums.received / heads,
                                    .keyNormRatio = sums.keyRatio / m_groups, .valueNormRatio = sums.valueRatio / m_groups});
    }
    std::stable_sort(result.sinks.begin() + static_cast<std::ptrdiff_t>(first), result.sinks.end(),
                     [](const SinkToken& a, const SinkToken& b) { return a.headShare > b.headShare; });
}

Result<void> SampleCollector::finish(AnalysisResult& result, ThreadTeam& team, JobContext& context) {
    result.sinkTests = m_findings.finish();
    if (m_usedStatistics && m_testOptions.null == SinkNull::PermutedRows)
        result.notes.push_back("Tests of sinks: samples without matrices of attention (not kept, or too long) are left out");
    const std::size_t heads = m_ofHeads.size(), layers = m_ofLayers.size();
    const auto task = [&](std::size_t index, int) {
        if (index == 0)
            result.verdict = verdictOf(m_ofModel, FrameLevel::Model, m_thresholds);
        else if (index <= layers)
            result.layers[index - 1].verdict = levelVerdictOf(m_ofLayers[index - 1], FrameLevel::Layer, m_thresholds);
        else
            result.heads[index - 1 - layers].verdict = levelVerdictOf(m_ofHeads[index - 1 - layers], FrameLevel::Head, m_thresholds);
    };
    SINKSCOPE_CHECK(team.run(1 + layers + heads, task, context));
    result.verdict.evidence = !m_usedStatistics ? "attention matrices" : m_usedMatrices ? "both" : "streamed statistics";
    return {};
}

} // namespace sinkscope
