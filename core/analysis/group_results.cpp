// SPDX-License-Identifier: Apache-2.0
#include "core/analysis/group_results.h"

#include <algorithm>

namespace sinkscope {
namespace {

GroupResult resultOf(const AnalysisResult& result, const CaptureHeader& header, const SampleGroup& group) {
    GroupResult own{.group = group.name, .model = {}, .verdict = {}, .context = result.context};
    std::vector<FrameFeatures> features;
    std::vector<int> lengths, firstTokens;
    for (const int sample : group.samples) {
        const SampleFrame& frame = result.frames[static_cast<std::size_t>(sample)];
        if (!frame.finished)
            continue;
        const SampleTokens& tokens = *header.samples[static_cast<std::size_t>(sample)];
        if (lengths.empty())
            own.context.firstToken = tokens.display.front();
        lengths.push_back(static_cast<int>(tokens.encoding.ids.size()));
        firstTokens.push_back(tokens.encoding.ids.front());
        if (frame.features)
            features.push_back(*frame.features);
    }
    own.verdict = verdictOf(features, FrameLevel::Model, thresholdsOfGroup(result.verdict.thresholds));
    own.verdict.evidence = result.verdict.evidence;
    describeSamples(own.context, lengths, firstTokens);
    return own;
}

} // namespace

std::vector<SampleGroup> groupsOf(const CaptureHeader& header, TableGrouping grouping) {
    std::vector<std::string> names;
    std::vector<int> tokens;
    for (const auto& sample : header.samples) {
        names.push_back(sample->group);
        tokens.push_back(static_cast<int>(sample->encoding.ids.size()));
    }
    return grouping == TableGrouping::Group ? groupsByName(names) : grouping == TableGrouping::Length ? groupsByLength(tokens) : std::vector<SampleGroup>();
}

std::vector<GroupResult> groupVerdicts(const AnalysisResult& result, const CaptureHeader& header, std::span<const SampleGroup> groups) {
    std::vector<GroupResult> results;
    for (const SampleGroup& group : groups)
        if (GroupResult own = resultOf(result, header, group); own.context.samples > 0)
            results.push_back(std::move(own));
    return results;
}

std::vector<GroupResult> groupResults(const AnalysisResult& result, const CaptureHeader& header, std::span<const SampleGroup> groups) {
    std::vector<GroupResult> results = groupVerdicts(result, header, groups);
    for (GroupResult& own : results) {
        const SampleGroup& group = *std::ranges::find(groups, own.group, &SampleGroup::name);
        for (std::size_t metric = 0; metric < result.values->metrics().size(); ++metric) {
            const std::vector<double> means = result.values->modelMeans(metric);
            std::vector<double> part;
            for (const int sample : group.samples)
                part.push_back(means[static_cast<std::size_t>(sample)]);
            if (const Estimate estimate = estimateOf(part); estimate.samples > 0)
                own.model.emplace(std::string(result.values->metrics()[metric]->id), estimate);
        }
    }
    return results;
}

} // namespace sinkscope
