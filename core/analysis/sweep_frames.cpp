// SPDX-License-Identifier: Apache-2.0
#include "core/analysis/sweep_frames.h"

#include "core/analysis/frame_evidence.h"
#include "core/io/json_reader.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>

namespace sinkscope {
namespace {

/// What a cell holds of every sample.
struct CellColumns {
    std::vector<UnitState> states;
    std::vector<int> tokens, firstTokens;
    std::vector<float> frames;
};

SweepFrame frameOf(const SweepHeader& header, const CellColumns& columns, int model, int variant, const std::vector<int>& samples,
                   const FrameThresholds& thresholds) {
    const SweepModel& facts = header.models[static_cast<std::size_t>(model)];
    const SweepCell& cell = header.cell(model, variant);
    std::vector<FrameFeatures> features;
    std::vector<int> lengths, first;
    for (const int sample : samples) {
        const auto at = static_cast<std::size_t>(sample);
        if (columns.states[at] != UnitState::Done)
            continue;
        lengths.push_back(columns.tokens[at]);
        first.push_back(columns.firstTokens[at]);
        const float* numbers = &columns.frames[at * kSweepFrameNumbers];
        if (std::all_of(numbers, numbers + kSweepFrameNumbers, [](float number) { return std::isfinite(number); }))
            features.push_back({.excess = numbers[0], .anchors = numbers[1], .sinkShare = numbers[2], .baseline = numbers[3],
                                .endsShare = numbers[4], .causal = facts.causal});
    }
    SweepFrame frame{.model = model, .variant = variant, .group = {}, .verdict = verdictOf(features, FrameLevel::Model, thresholds), .context = {}};
    frame.verdict.evidence = "attention matrices";
    frame.context = {.bosPresent = cell.bosPresent, .firstToken = cell.firstToken, .positions = cell.positions,
                     .dtype = facts.dtype.empty() ? "not recorded" : facts.dtype, .mask = facts.causal ? "causal" : "none", .null = "uniform"};
    describeSamples(frame.context, lengths, first);
    if (frame.context.firstTokenId != columns.firstTokens.front())
        frame.context.firstToken.clear(); // only the id of the other samples' first token is kept
    return frame;
}

} // namespace

FrameThresholds frameThresholdsOf(const std::string& recipeJson) {
    ParameterValues values;
    const auto recipe = parseJson(recipeJson, ErrorCode::CaptureInvalid, {});
    const Json empty = Json::object();
    const Json& parameters = recipe && recipe->is_object() && recipe->contains("parameters") ? (*recipe)["parameters"] : empty;
    for (const ParameterSpec& parameter : frameParameters()) {
        const std::string key = "frame." + std::string(parameter.id);
        if (!parameters.is_object() || !parameters.contains(key) || !parameters[key].is_string())
            continue;
        if (const auto value = parseParameter(parameter, parameters[key].get<std::string>()))
            values[key] = *value;
    }
    return frameThresholdsOf(values);
}

Result<std::vector<SweepFrame>> sweepFrames(const SweepReader& sweep, int model, int variant, const std::vector<SampleGroup>& groups) {
    const SweepHeader& header = sweep.header();
    CellColumns columns;
    SINKSCOPE_TRY(columns.states, sweep.states(model, variant));
    SINKSCOPE_TRY(columns.tokens, sweep.tokens(model, variant));
    SINKSCOPE_TRY(columns.firstTokens, sweep.firstTokens(model, variant));
    SINKSCOPE_TRY(columns.frames, sweep.frames(model, variant));
    std::vector<int> all(columns.states.size());
    std::iota(all.begin(), all.end(), 0);
    const FrameThresholds thresholds = frameThresholdsOf(header.recipeJson);
    std::vector<SweepFrame> frames;
    const auto add = [&](const std::string& group, const std::vector<int>& samples) {
        SweepFrame frame = frameOf(header, columns, model, variant, samples, group.empty() ? thresholds : thresholdsOfGroup(thresholds));
        if (frame.context.samples == 0)
            return;
        frame.group = group;
        frames.push_back(std::move(frame));
    };
    add({}, all);
    for (const SampleGroup& group : groups)
        add(group.name, group.samples);
    return frames;
}

} // namespace sinkscope
