// SPDX-License-Identifier: Apache-2.0
#include "app/cli/command_spec.h"
#include "app/cli/output.h"
#include "core/capture/sweep_store.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <nlohmann/json.hpp>

namespace sinkscope::registry_cli_commands {
namespace {

struct Options {
    std::vector<std::string> shards;
    std::string output;
    bool json = false;
};

Result<void> runMerge(const Options& options) {
    const std::vector<std::filesystem::path> shards(options.shards.begin(), options.shards.end());
    SINKSCOPE_TRY(const SweepMerge merge, mergeSweeps(shards, options.output));
    if (options.json)
        return printJson({{"sweep", options.output},
                          {"shards", shards.size()},
                          {"units", merge.units},
                          {"done", merge.done},
                          {"left_out", merge.leftOut},
                          {"missing", merge.missing}});
    std::string text;
    for (const std::string& line : merge.missing)
        text += "missing: " + line + "\n";
    text += options.output + ": " + std::to_string(shards.size()) + " shards, " + grouped(merge.units) + " units, of them " +
            grouped(merge.done) + " done, " + grouped(merge.leftOut) + " left out\n";
    return printText(text);
}

CommandSpec::Work declareMerge(CLI::App& command) {
    auto options = std::make_shared<Options>();
    command.add_option("shards", options->shards, "files of one sweep")->required()->type_name("FILE...");
    command.add_option("-o,--output", options->output, "file to write; it refers to the shards, which must lie beside or below it")
        ->required()
        ->type_name("FILE");
    command.add_flag("--json", options->json, "print JSON");
    return [options](JobContext&) { return runMerge(*options); };
}

} // namespace

extern const CommandSpec merge;
const CommandSpec merge{"merge", "Put the shards of a sweep together", false, declareMerge};

} // namespace sinkscope::registry_cli_commands
