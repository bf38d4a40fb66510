// SPDX-License-Identifier: Apache-2.0
#include "app/cli/choice_option.h"
#include "app/cli/command_spec.h"
#include "app/cli/output.h"
#include "app/cli/run_options.h"
#include "app/cli/text_source.h"
#include "core/analysis/fisher_information.h"
#include "core/base/printable.h"
#include "core/nn/parameter_fisher.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <vector>

namespace sinkscope::registry_cli_commands {
namespace {

struct Options {
    std::string model;
    TextSource texts;
    RunRequest request;
    FisherOptions fisher;
    bool json = false, csv = false;
};

/// What was computed, and of what.
struct Outcome {
    RunPlan plan;
    ParameterFisher fisher;
    FisherInformation information;
};

std::string formatted(const char* format, double value) {
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), format, value);
    return text.data();
}

std::string shareText(const FisherGroup* entry) {
    return entry && entry->share.samples > 0 ? formatted("%.2f %%", entry->share.value * 100) : std::string();
}

std::string layerTable(const FisherInformation& information, int layers) {
    std::vector columns{Component::Query, Component::Key, Component::Value, Component::Output, Component::Mlp, Component::Norm};
    for (const Component rare : {Component::Sink, Component::Router})
        if (std::ranges::any_of(information.groups, [rare](const FisherGroup& entry) { return entry.group.component == rare; }))
            columns.push_back(rare);
    std::vector<std::vector<std::string>> rows{{"layer"}};
    for (const Component component : columns)
        rows[0].emplace_back(titleOf(component));
    rows[0].emplace_back("all");
    for (int layer = 0; layer < layers; ++layer) {
        rows.push_back({std::to_string(layer)});
        double all = 0;
        for (const Component component : columns) {
            const FisherGroup* entry = information.find(component, layer);
            rows.back().push_back(shareText(entry));
            all += entry ? entry->share.value : 0;
        }
        rows.back().push_back(formatted("%.2f %%", all * 100));
    }
    return tableText(rows, std::vector<bool>(rows[0].size(), true));
}

/// Embedding, final norm and head, with intervals, for which there is room.
std::string onceTable(const FisherInformation& information, bool tied) {
    std::vector<std::vector<std::string>> rows{{"group", "parameters", "share", "95 % interval", "total", "per parameter"}};
    for (const FisherGroup& entry : information.groups) {
        if (entry.group.layer >= 0)
            continue;
        const bool isTied = tied && entry.group.component == Component::TokenEmbedding;
        rows.push_back({std::string(titleOf(entry.group.component)) + (isTied ? " = unembedding" : ""), grouped(entry.group.parameters),
                        shareText(&entry),
                        entry.share.samples < 2 ? "-" : formatted("%.2f", entry.share.low * 100) + " to " + formatted("%.2f %%", entry.share.high * 100),
                        formatted("%.4g", entry.total.value), formatted("%.3g", entry.perParameter.value)});
    }
    return tableText(rows, {false, true, true, true, true, true});
}

std::string report(const Outcome& outcome) {
    const CaptureHeader& header = outcome.plan.header;
    const FisherInformation& information = outcome.information;
    std::string text = printable(header.title) + " (" + printable(header.architecture) + ", " + printable(header.positions) + "), " +
                       std::to_string(information.samples) + (information.samples == 1 ? " sample, " : " samples, ") +
                       (header.bosPresent ? "with BOS" : "without BOS") + "\n" + outcome.fisher.explanation + "\n";
    if (information.withoutValue > 0)
        text += "samples of one token, which predicts nothing, and so without a value: " + std::to_string(information.withoutValue) + "\n";
    if (information.total.samples == 0)
        return text + "not enough tokens\n";
    const Estimate& total = information.total;
    text += "Fisher information, trace over " + grouped(outcome.fisher.table.parameters()) + " parameters: " + formatted("%.4g", total.value) +
            " (" + (total.samples < 2 ? "one sample, no interval" : formatted("%.4g", total.low) + " to " + formatted("%.4g", total.high)) + "); shares are means over the samples\n\n";
    text += layerTable(information, header.layers) + "\n" + onceTable(information, outcome.fisher.table.tied);
    if (outcome.fisher.table.tied)
        text += "The unembedding is the token embedding and counts there.\n";
    return text;
}

Json jsonOf(const Estimate& estimate) {
    if (estimate.samples == 0)
        return {};
    return {{"value", jsonNumber(estimate.value)}, {"low", jsonNumber(estimate.low)}, {"high", jsonNumber(estimate.high)}, {"samples", estimate.samples}};
}

Json jsonOf(const Outcome& outcome) {
    const auto& [plan, fisher, information] = outcome;
    Json groups = Json::array(), samples = Json::array();
    for (const FisherGroup& entry : information.groups)
        groups.push_back({{"component", idOf(entry.group.component)}, {"layer", entry.group.layer < 0 ? Json() : Json(entry.group.layer)},
                          {"parameters", entry.group.parameters}, {"total", jsonOf(entry.total)},
                          {"per_parameter", jsonOf(entry.perParameter)}, {"share", jsonOf(entry.share)}});
    for (std::size_t i = 0; i < fisher.samples.size(); ++i) {
        const SampleFisher& sample = fisher.samples[i];
        const bool hasValue = sample.terms > 0;
        samples.push_back({{"tokens", plan.inputs[i].ids.size()}, {"terms", sample.terms},
                           {"log_likelihood", hasValue ? Json(sample.logLikelihood) : Json()},
                           {"squared_norms", hasValue ? Json(sample.squaredNorms) : Json()}});
    }
    const CaptureHeader& header = plan.header;
    return {{"model", header.title}, {"architecture", header.architecture}, {"positions", header.positions},
            {"weight_fingerprint", header.weightFingerprint}, {"created_utc", header.createdUtc}, {"bos_present", header.bosPresent},
            {"definition", fisher.explanation}, {"labels", idOf(fisher.options.labels)}, {"per", idOf(fisher.options.per)},
            {"seed", fisher.options.seed}, {"tied_unembedding", fisher.table.tied}, {"parameters", fisher.table.parameters()},
            {"planned_memory", fisher.plan.total()}, {"total", jsonOf(information.total)}, {"groups", std::move(groups)},
            {"samples", std::move(samples)}};
}

/// One row per group. Shortest text that reads back as the same number; no value leaves the cells empty.
std::string csvOf(const FisherInformation& information) {
    std::string text = "component,layer,parameters";
    for (const char* name : {"total", "per_parameter", "share"})
        text += std::string(",") + name + "," + name + "_low," + name + "_high";
    text += '\n';
    for (const FisherGroup& entry : information.groups) {
        text += std::string(idOf(entry.group.component)) + "," + (entry.group.layer < 0 ? "" : std::to_string(entry.group.layer)) + "," +
                std::to_string(entry.group.parameters);
        for (const Estimate* estimate : {&entry.total, &entry.perParameter, &entry.share})
            for (const double value : {estimate->value, estimate->low, estimate->high}) {
                std::array<char, 40> digits{};
                const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value);
                text += "," + (estimate->samples > 0 ? std::string(digits.data(), end.ptr) : std::string());
            }
        text += '\n';
    }
    return text;
}

Result<Outcome> compute(Options& options, JobContext& context) {
    SINKSCOPE_CHECK(readTexts(options.texts, options.request));
    SINKSCOPE_TRY(const auto model, loadModel(options.model));
    options.request.keep = {.vectors = false};
    Outcome outcome;
    SINKSCOPE_TRY(outcome.plan, planCapture(*model, options.request)); // tokenizes
    std::fprintf(stderr, "memory %s\n", planParameterFisher(*model->spec, outcome.plan.inputs, options.fisher).text().c_str());
    SINKSCOPE_TRY(outcome.fisher, parameterFisher(*model->spec, outcome.plan.inputs, options.fisher, context));
    std::vector<std::vector<double>> norms;
    for (const SampleFisher& sample : outcome.fisher.samples)
        norms.push_back(sample.squaredNorms);
    outcome.information = fisherInformation(outcome.fisher.table.groups, norms);
    return outcome;
}

Result<void> runFisher(Options& options, JobContext& context) {
    SINKSCOPE_TRY(const Outcome outcome, compute(options, context));
    if (options.json)
        return printJson(jsonOf(outcome));
    return printText(options.csv ? csvOf(outcome.information) : report(outcome));
}

CommandSpec::Work declareFisher(CLI::App& command) {
    auto options = std::make_shared<Options>();
    FisherOptions& fisher = options->fisher;
    command.add_option("model", options->model, "Hugging Face folder, index.json, safetensors or GGUF file")->required();
    addTextOptions(command, options->texts, true);
    addChoice<BosChoice>(command, "--bos", options->request.bos, {{"auto", BosChoice::Auto}, {"yes", BosChoice::Yes}, {"no", BosChoice::No}},
                         "beginning-of-sequence token: as the tokenizer does it, always, never");
    addChoice<FisherLabels>(command, "--labels", fisher.labels, {{"data", FisherLabels::Data}, {"model", FisherLabels::Model}},
                            "what is predicted: the text itself (empirical Fisher), or draws from the model (true Fisher)");
    addChoice<FisherPer>(command, "--per", fisher.per, {{"token", FisherPer::Token}, {"sequence", FisherPer::Sequence}},
                         "whose gradient is squared: each token's (slow) or the whole sample's");
    command.add_option("--seed", fisher.seed, "of the draws")->capture_default_str();
    command.add_option("--threads", fisher.threads, "processors to use; 0: all that this process may use")->check(CLI::Range(0, 4096));
    command
        .add_option_function<std::string>(
            "--max-memory", [&fisher](const std::string& text) { fisher.maxMemory = *parseBytes(text); },
            "refuse what needs more, for example 4G")
        ->check([](const std::string& text) { return parseBytes(text) ? "" : "'" + text + "' is no size"; })
        ->option_text("BYTES");
    auto* json = command.add_flag("--json", options->json, "print JSON");
    command.add_flag("--csv", options->csv, "print a table of groups as CSV")->excludes(json);
    return [options](JobContext& context) { return runFisher(*options, context); };
}

} // namespace

extern const CommandSpec fisher;
const CommandSpec fisher{"fisher", "Fisher information of the parameters by component and layer", true, declareFisher};

} // namespace sinkscope::registry_cli_commands
