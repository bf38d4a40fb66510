// SPDX-License-Identifier: Apache-2.0
#include "app/cli/command_spec.h"
#include "app/cli/feature_options.h"
#include "app/cli/output.h"
#include "app/cli/run_options.h"
#include "app/cli/text_source.h"
#include "core/base/printable.h"
#include "core/session/sweep_run.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <charconv>
#include <cstdio>
#include <nlohmann/json.hpp>

namespace sinkscope::registry_cli_commands {
namespace {

struct Options {
    SweepRequest request;
    std::vector<std::string> models;
    TextSource texts;
    FeatureOptions features;
    RunRequest run; ///< only its options are used
    bool json = false;
};

/// "3/8".
bool parseShard(const std::string& text, int& shard, int& shards) {
    const char* end = text.data() + text.size();
    const auto [slash, first] = std::from_chars(text.data(), end, shard);
    if (first != std::errc() || slash == end || *slash != '/')
        return false;
    const auto [rest, second] = std::from_chars(slash + 1, end, shards);
    return second == std::errc() && rest == end && shard >= 1 && shards >= shard && shards <= 1'000'000;
}

Result<void> printReport(const Options& options, const SweepReport& report) {
    if (options.json)
        return printJson({{"sweep", options.request.output.string()},
                          {"shard", options.request.shard},
                          {"shards", options.request.shards},
                          {"units", report.units},
                          {"finished_before", report.before},
                          {"computed", report.done},
                          {"left_out", report.leftOut},
                          {"notes", report.notes},
                          {"forward_seconds", report.forwardSeconds},
                          {"analysis_seconds", report.analysisSeconds}});
    std::string text;
    for (const std::string& note : report.notes)
        text += "note: " + printable(note) + "\n";
    char seconds[80];
    std::snprintf(seconds, sizeof seconds, "; forward passes %.1f s, measuring %.1f s", report.forwardSeconds, report.analysisSeconds);
    text += options.request.output.string() + ": " + grouped(report.units) + " units, of them " + grouped(report.before) +
            " finished before, " + grouped(report.done) + " computed now, " + grouped(report.leftOut) + " left out" + seconds + "\n";
    return printText(text);
}

Result<void> runSweepCommand(Options& options, JobContext& context) {
    for (const std::string& model : options.models)
        options.request.models.emplace_back(model);
    options.request.options = options.run.options;
    options.request.options.layers.clear();
    SINKSCOPE_CHECK(readFeatures(options.features, options.request.analysis));
    SINKSCOPE_TRY(options.request.samples, readSamples(options.texts));
    SINKSCOPE_TRY(const SweepReport report, runSweep(options.request, context));
    return printReport(options, report);
}

CommandSpec::Work declareSweep(CLI::App& command) {
    auto options = std::make_shared<Options>();
    SweepRequest& request = options->request;
    command.add_option("--models", options->models, "models: Hugging Face folders, index.json, safetensors or GGUF files")->required()->type_name("MODEL...");
    addSampleOptions(command, options->texts);
    command
        .add_option("--variants", request.variants,
                    "intact, bos=yes, bos=no, or a probe that changes positions, rotary embedding or the first token, with its parameters: "
                    "rope_scaling:kind=ntk,factor=8")
        ->capture_default_str()
        ->type_name("VARIANT...");
    command.add_option("-o,--output", request.output, "file to write, or to go on with (HDF5)")->required()->type_name("FILE");
    command
        .add_option_function<std::string>(
            "--shard", [&request](const std::string& text) { parseShard(text, request.shard, request.shards); },
            "compute only this part, for example 3/8; the parts are put together by merge")
        ->check([](const std::string& text) {
            int shard = 0, shards = 0;
            return parseShard(text, shard, shards) ? "" : "'" + text + "' is no shard, such as 3/8";
        })
        ->option_text("I/N");
    addFeatureOptions(command, options->features);
    addComputeOptions(command, options->run);
    command.add_flag("--json", options->json, "print JSON");
    return [options](JobContext& context) { return runSweepCommand(*options, context); };
}

} // namespace

extern const CommandSpec sweep;
const CommandSpec sweep{"sweep", "Measure models x variants x samples, resumable and in shards", true, declareSweep};

} // namespace sinkscope::registry_cli_commands
