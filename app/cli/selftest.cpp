// SPDX-License-Identifier: Apache-2.0
// Whether this machine, with this libtorch, computes what transformers computes.
#include "app/cli/command_spec.h"
#include "app/cli/output.h"
#include "core/base/printable.h"
#include "core/session/self_test.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>

namespace sinkscope::registry_cli_commands {
namespace {

struct Options {
    std::vector<std::string> devices, types;
    std::string fixtures;
    int threads = 0;
    bool json = false;
};

std::string scientific(double value) {
    char text[32];
    std::snprintf(text, sizeof text, "%.1e", value);
    return text;
}

/// Every combination asked for; without a choice, what this machine has.
std::vector<RunOptions> combinations(const Options& options) {
    std::vector<RunOptions> runs;
    const auto chosen = [](const std::vector<std::string>& words, std::string_view word) {
        return words.empty() || std::ranges::find(words, word) != words.end();
    };
    for (const Device device : {Device::Cpu, Device::Cuda})
        for (const ComputeType type : {ComputeType::Float32, ComputeType::BFloat16}) {
            const bool named = (!options.devices.empty() || device == Device::Cpu) && !options.types.empty();
            if (chosen(options.devices, idOf(device)) && chosen(options.types, idOf(type)) &&
                (named || (!options.devices.empty() && type == ComputeType::Float32) || checkAvailable(device, type)))
                runs.push_back({.device = device, .compute = type, .threads = options.threads});
        }
    return runs;
}

Json jsonOf(const SelfTestRun& run) {
    Json cases = Json::array();
    for (const SelfTestCase& one : run.cases) {
        Json differences = Json::object();
        for (const SelfTestDifference& difference : one.differences)
            differences[std::string(difference.what)] = {{"nmse", jsonNumber(difference.error)}, {"largest", jsonNumber(difference.largest)}};
        cases.push_back({{"fixture", one.fixture}, {"architecture", one.architecture}, {"passed", one.agrees(run.allowed)},
                         {"differences", std::move(differences)}, {"error", one.failure ? Json(describe(*one.failure)) : Json()}});
    }
    return {{"device", idOf(run.device)}, {"dtype", idOf(run.compute)}, {"allowed_nmse", run.allowed}, {"passed", run.passed()},
            {"unavailable", run.unavailable ? Json(run.unavailable->detail) : Json()}, {"cases", std::move(cases)}};
}

std::string textOf(const SelfTestRun& run) {
    std::string text = titleOf(run.device, run.compute) + ": ";
    if (run.unavailable)
        return text + "unavailable: " + run.unavailable->detail + "\n";
    std::vector<std::vector<std::string>> rows{{"fixture", "architecture", "attention", "hidden", "query", "key", "value", "logits", "largest", ""}};
    std::string failures;
    for (const SelfTestCase& one : run.cases) {
        std::vector<std::string> row{printable(one.fixture), one.architecture};
        double largest = 0;
        for (std::size_t column = 2; column < 8; ++column) {
            const auto found = std::ranges::find(one.differences, rows[0][column], &SelfTestDifference::what);
            row.push_back(found == one.differences.end() ? "-" : scientific(found->error));
            largest = found == one.differences.end() ? largest : std::max(largest, found->largest);
        }
        row.push_back(one.differences.empty() ? "-" : scientific(largest));
        row.emplace_back(one.agrees(run.allowed) ? "agrees" : one.failure ? "FAILED" : "DIFFERS");
        rows.push_back(std::move(row));
        if (one.failure)
            failures += printable(one.fixture) + ": " + describe(*one.failure) + "\n";
    }
    const auto agreeing = std::ranges::count_if(run.cases, [&run](const SelfTestCase& one) { return one.agrees(run.allowed); });
    text += std::to_string(agreeing) + " of " + std::to_string(run.cases.size()) +
            " fixtures agree with transformers in float32 (normalised mean squared error at most " + scientific(run.allowed) + ")\n";
    return text + tableText(rows, {false, false, true, true, true, true, true, true, true, false}) + failures;
}

Result<void> runSelftest(const Options& options, JobContext& context) {
    std::filesystem::path fixtures = options.fixtures;
    if (fixtures.empty()) {
        SINKSCOPE_TRY(fixtures, selfTestFixtures());
    }
    std::vector<SelfTestRun> runs;
    for (const RunOptions& wanted : combinations(options)) {
        SINKSCOPE_TRY(runs.emplace_back(), selfTest(fixtures, wanted, context));
    }
    const bool passed = !runs.empty() && std::ranges::all_of(runs, &SelfTestRun::passed);
    const auto missing = std::ranges::find_if(runs, [](const SelfTestRun& run) { return run.unavailable.has_value(); });
    std::string text = computeDescription() + "\n";
    Json list = Json::array();
    for (const SelfTestRun& run : runs) {
        text += "\n" + textOf(run);
        list.push_back(jsonOf(run));
    }
    if (options.json)
        SINKSCOPE_CHECK(printJson({{"compute", computeDescription()}, {"fixtures", fixtures.string()}, {"passed", passed}, {"runs", std::move(list)}}));
    else
        SINKSCOPE_CHECK(printText(text));
    if (missing != runs.end())
        return *missing->unavailable;
    return passed ? Result<void>{} : Error{ErrorCode::Internal, "not every fixture of the self-test agrees with transformers", fixtures};
}

CommandSpec::Work declareSelftest(CLI::App& command) {
    auto options = std::make_shared<Options>();
    command.add_option("--device", options->devices, "cpu, cuda or both; what this version computes on without this option")
        ->delimiter(',')->check(CLI::IsMember({"cpu", "cuda"}))->option_text("LIST");
    command.add_option("--dtype", options->types, "f32, bf16 or both; what this machine gains from without this option")
        ->delimiter(',')->check(CLI::IsMember({"f32", "bf16"}))->option_text("LIST");
    command.add_option("--threads", options->threads, "processors to use; 0: all that this process may use")->check(CLI::Range(0, 4096));
    command.add_option("--fixtures", options->fixtures, "folder of fixtures, if not the one that comes with the program")->type_name("FOLDER");
    command.add_flag("--json", options->json, "print JSON");
    return [options](JobContext& context) { return runSelftest(*options, context); };
}

} // namespace

extern const CommandSpec selftest;
const CommandSpec selftest{"selftest", "Check the numbers of this machine against transformers", true, declareSelftest};

} // namespace sinkscope::registry_cli_commands
