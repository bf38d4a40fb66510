// SPDX-License-Identifier: Apache-2.0
#include "core/session/probe.h"
#include "app/cli/command_spec.h"
#include "app/cli/output.h"
#include "app/cli/run_options.h"
#include "app/cli/text_source.h"
#include "core/analysis/detector_parameters.h"
#include "core/base/printable.h"
#include "core/export/frame_json.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>

namespace sinkscope::registry_cli_commands {
namespace {

struct Options {
    std::string path;
    TextSource texts;
    RunRequest run; ///< filled by the options that all commands share
    ProbeRequest request;
    std::vector<std::string> settings;
    bool json = false;
};

/// "id.parameter=value" into the request, "frame.parameter=value" into `analysis`. Errors: InvalidArgument.
Result<void> readSetting(const std::string& setting, ProbeRequest& request, ParameterValues& analysis) {
    const Error problem{ErrorCode::InvalidArgument, "\"" + setting + "\" sets no parameter of a probe; write probe.parameter=value", {}};
    const std::size_t equals = setting.find('='), dot = setting.find('.');
    if (equals == std::string::npos || dot > equals)
        return problem;
    const std::string key = setting.substr(0, equals), value = setting.substr(equals + 1), id = key.substr(dot + 1);
    for (const ParameterGroup& group : analysisParameters()) // of the verdicts before and after
        if (const auto found = std::ranges::find(group.parameters, id, &ParameterSpec::id);
            group.id != "sinks" && key == std::string(group.id) + "." + id && found != group.parameters.end()) {
            SINKSCOPE_TRY(analysis[key], parseParameter(*found, value));
            return {};
        }
    const ProbeSpec* probe = findProbe(std::string_view(key).substr(0, dot));
    if (!probe)
        return problem;
    if (probe->text && probe->text->id == id) {
        request.replacements[key] = value;
        return {};
    }
    const auto found = std::ranges::find(probe->parameters, id, &ParameterSpec::id);
    if (found == probe->parameters.end())
        return problem;
    SINKSCOPE_TRY(request.values[key], parseParameter(*found, value));
    return {};
}

std::string number(double value) {
    char text[32];
    std::snprintf(text, sizeof text, "%.3g", value);
    return text;
}

std::string withInterval(const Estimate& estimate) {
    return estimate.samples < 2 ? number(estimate.value)
                                : number(estimate.value) + " (" + number(estimate.low) + " to " + number(estimate.high) + ")";
}

std::string effectTable(const ProbeOutcome& outcome) {
    std::vector<std::vector<std::string>> rows{{"", "before", "after", "change"}};
    const auto widest = std::ranges::max_element(outcome.effects, {}, [](const QuantityEffect& effect) { return effect.controls.size(); });
    if (widest != outcome.effects.end())
        for (const ControlEffect& control : widest->controls)
            rows[0].push_back(control.id);
    for (const QuantityEffect& effect : outcome.effects) {
        rows.push_back({std::string(idOf(effect.quantity)), number(effect.before.value), number(effect.after.value), withInterval(effect.change)});
        for (const ControlEffect& control : effect.controls)
            rows.back().push_back(withInterval(control.change) + (control.own.samples > 0 ? ", own " + number(control.own.value) : ""));
        rows.back().resize(rows[0].size());
    }
    std::vector<bool> right(rows[0].size(), true);
    right[0] = false;
    return tableText(rows, right);
}

std::string settingsText(const ProbeOutcome& outcome) {
    std::string text;
    for (const auto& [id, value] : outcome.settings)
        text += (text.empty() ? " (" : ", ") + id + " " + printable(value);
    return text.empty() ? text : text + ")";
}

std::string outcomeText(const ProbeOutcome& outcome) {
    std::string text = "\n" + outcome.id + settingsText(outcome) + ": " + outcome.title + "\n";
    if (!outcome.problem.empty())
        return text + "  not run: " + printable(outcome.problem) + "\n";
    text += "frame: " + outcome.before.kind + " before, " + outcome.after.kind + " after; " + std::to_string(outcome.samples) +
            (outcome.samples == 1 ? " sample" : " samples");
    if (outcome.anchorsEdited > 0)
        text += ", on average " + number(outcome.anchorsEdited) + " anchors in " + number(outcome.headsEdited) + " heads";
    text += "\nrun with: " + textOf(outcome.context) + "\n" + effectTable(outcome);
    for (const std::string& note : outcome.notes)
        text += "note: " + note + "\n";
    for (const QuantityEffect& effect : outcome.effects)
        text += "  " + effect.sentence + "\n";
    return text;
}

std::string report(const ProbeResult& result) {
    const CaptureHeader& header = result.header;
    std::string text = printable(header.title) + " (" + printable(header.architecture) + "): " + textOf(result.context) + "\n";
    text += "frame: " + result.intact.kind + ". " + result.intact.reason + "\n";
    for (const ProbeOutcome& outcome : result.outcomes)
        text += outcomeText(outcome);
    return text;
}

Json jsonOf(const QuantityEffect& effect) {
    Json controls = Json::array();
    for (const ControlEffect& control : effect.controls) {
        controls.push_back({{"id", control.id}, {"change", jsonOf(control.change)}, {"excess", jsonOf(control.excess)}});
        if (control.own.samples > 0)
            controls.back()["own_change"] = jsonOf(control.own);
    }
    return {{"id", idOf(effect.quantity)}, {"title", titleOf(effect.quantity)}, {"before", jsonOf(effect.before)},
            {"after", jsonOf(effect.after)}, {"change", jsonOf(effect.change)}, {"controls", std::move(controls)},
            {"causal", effect.causal}, {"sentence", effect.sentence}};
}

Json jsonOf(const ProbeOutcome& outcome) {
    const ProbeSpec& spec = *findProbe(outcome.id);
    Json json = {{"id", outcome.id}, {"title", outcome.title}, {"explanation", spec.explanation}, {"source", spec.source},
                 {"settings", outcome.settings}, {"notes", outcome.notes}, {"samples", outcome.samples}};
    if (!outcome.problem.empty()) {
        json["problem"] = outcome.problem;
        return json;
    }
    json["anchors_edited"] = outcome.anchorsEdited;
    json["heads_edited"] = outcome.headsEdited;
    json["verdict_before"] = jsonOf(outcome.before);
    json["verdict_after"] = jsonOf(outcome.after);
    json["context_after"] = jsonOf(outcome.context);
    json["effects"] = Json::array();
    for (const QuantityEffect& effect : outcome.effects)
        json["effects"].push_back(jsonOf(effect));
    return json;
}

Json jsonOf(const ProbeResult& result) {
    const CaptureHeader& header = result.header;
    const MetricParameters& metrics = result.metrics;
    Json outcomes = Json::array();
    for (const ProbeOutcome& outcome : result.outcomes)
        outcomes.push_back(jsonOf(outcome));
    return {{"model", header.title}, {"architecture", header.architecture}, {"positions", header.positions},
            {"bos_present", header.bosPresent}, {"layers", header.layers}, {"heads", header.heads},
            {"weight_fingerprint", header.weightFingerprint}, {"created_utc", header.createdUtc}, {"samples", header.samples.size()},
            {"draws", result.draws}, {"seed", result.seed}, {"groups", result.groups},
            {"parameters", {{"sink_threshold", metrics.sinkThreshold}, {"hit_quantile", metrics.hitQuantile},
                            {"hit_frequency", metrics.hitFrequency}, {"visible_share", metrics.visibleShare},
                            {"minimum_queries", metrics.minimumQueries}, {"minimum_excess", metrics.minimumExcess},
                            {"anchor_head_share", metrics.anchorHeadShare}}},
            {"verdict", jsonOf(result.intact)}, {"context", jsonOf(result.context)}, {"probes", std::move(outcomes)}};
}

Result<void> runProbe(Options& options, JobContext& context) {
    ProbeRequest& request = options.request;
    ParameterValues analysis;
    for (const std::string& setting : options.settings)
        SINKSCOPE_CHECK(readSetting(setting, request, analysis));
    request.metrics = detectorParametersOf(request.metrics, analysis);
    request.frame = frameThresholdsOf(analysis);
    SINKSCOPE_CHECK(readTexts(options.texts, options.run));
    request.texts = options.run.texts;
    request.bos = options.run.bos;
    request.options = options.run.options;
    SINKSCOPE_TRY(const auto model, loadModel(options.path));
    SINKSCOPE_TRY(const auto result, runProbes(*model, request, context));
    return options.json ? printJson(jsonOf(*result)) : printText(report(*result));
}

std::string probeList() {
    std::string text;
    for (const ProbeSpec* probe : probes())
        text.append(text.empty() ? "" : ", ").append(probe->id);
    return text;
}

CommandSpec::Work declareProbe(CLI::App& command) {
    auto options = std::make_shared<Options>();
    ProbeRequest& request = options->request;
    command.add_option("model", options->path, "folder or file of the model")->required();
    addTextOptions(command, options->texts, true);
    addRunOptions(command, options->run);
    command.add_option("--probe", request.probes, "what to change: " + probeList() + "; all without this option")->option_text("ID");
    command
        .add_option("--set", options->settings,
                    "a parameter of a probe, of the detector or of the verdict, for example rope_scaling.kind=ntk or frame.spread=0.2")
        ->option_text("PROBE.PARAMETER=VALUE");
    command.add_option("--draws", request.draws, "draws of each control and sample")->check(CLI::Range(1, 1000))->capture_default_str();
    command.add_option("--seed", request.seed, "of the controls")->capture_default_str();
    command.add_flag("--json", options->json, "print JSON");
    return [options](JobContext& context) { return runProbe(*options, context); };
}

} // namespace

extern const CommandSpec probe;
const CommandSpec probe{"probe", "Change positions, tokens or the anchors' attention, and measure what that does", true, declareProbe};

} // namespace sinkscope::registry_cli_commands
