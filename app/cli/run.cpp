// SPDX-License-Identifier: Apache-2.0
#include "app/cli/command_spec.h"
#include "app/cli/output.h"
#include "app/cli/run_options.h"
#include "app/cli/text_source.h"
#include "core/inspect/weight_hash.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <sys/resource.h>

namespace sinkscope::registry_cli_commands {
namespace {

struct Options {
    std::string model;
    TextSource texts;
    std::vector<std::string> keep;
    RunRequest request;
    bool json = false, hash = false;
};

void applyKeep(Options& options) {
    const auto has = [&](const char* what) { return std::ranges::find(options.keep, what) != options.keep.end(); };
    KeepOptions& keep = options.request.keep;
    keep.vectors = has("qkv");
    keep.attention = has("attention");
    keep.hidden = has("hidden");
    keep.logits = has("logits");
}

/// Most memory that this process had resident so far.
std::uint64_t peakResidentBytes() {
    rusage usage{};
    return getrusage(RUSAGE_SELF, &usage) == 0 ? static_cast<std::uint64_t>(usage.ru_maxrss) * 1024 : 0;
}

/// What `run` did, for people or programs.
Result<void> printSummary(const Options& options, const RunPlan& plan, const CaptureStore& store, double seconds) {
    std::size_t tokens = 0;
    for (const SampleInput& input : plan.inputs)
        tokens += input.ids.size();
    const RunMeter& meter = *options.request.options.meter;
    std::error_code failure;
    const std::uint64_t bytes = std::filesystem::file_size(store.path(), failure);
    if (options.json)
        return printJson({{"capture", store.path().string()},
                          {"model", plan.header.title},
                          {"samples", plan.inputs.size()},
                          {"tokens", tokens},
                          {"layers", plan.header.capturedLayers},
                          {"heads", plan.header.heads},
                          {"bos_present", plan.header.bosPresent},
                          {"weight_sha256", plan.header.weightSha256.empty() ? Json() : Json(plan.header.weightSha256)},
                          {"planned_memory", plan.memory.total()},
                          {"bytes", bytes},
                          {"seconds", seconds},
                          {"weight_bytes_read", meter.weightBytes()},
                          {"operations", meter.productOperations() + meter.attentionOperations()},
                          {"product_gflops", meter.productRate() * 1e-9},
                          {"peak_memory", peakResidentBytes()},
                          {"complete", store.isComplete()}});
    char time[32];
    std::snprintf(time, sizeof time, "%.1f s", seconds);
    return printText(store.path().string() + ": " + std::to_string(plan.inputs.size()) + " samples, " + grouped(tokens) + " tokens, " +
                     bytesText(bytes) + ", " + time + "\n" + meter.text(seconds) + "; peak memory " + bytesText(peakResidentBytes()) + "\n");
}

/// A cancelled or failed run says what is left of it.
Error withRemains(Error error, const std::shared_ptr<CaptureStore>& store) {
    if (!store)
        return error;
    std::size_t done = 0;
    const CaptureHeader& header = store->header();
    for (int sample = 0; sample < static_cast<int>(header.samples.size()); ++sample)
        for (const int layer : header.capturedLayers)
            done += store->hasLayer(sample, layer) ? 1 : 0;
    error.detail += "; " + std::to_string(done) + " of " + std::to_string(header.samples.size() * header.capturedLayers.size()) +
                    " sample layers were finished and are kept";
    error.file = store->path();
    return error;
}

Result<void> runRun(Options& options, JobContext& context) {
    applyKeep(options);
    SINKSCOPE_CHECK(readTexts(options.texts, options.request));
    SINKSCOPE_TRY(const auto model, loadModel(options.model));
    if (options.hash) {
        SINKSCOPE_TRY(const WeightHash hash, weightHash(*model->checkpoint, context));
    }
    SINKSCOPE_TRY(const RunPlan plan, planCapture(*model, options.request));
    std::fprintf(stderr, "%s\n", describePlan(plan).c_str());
    options.request.options.meter = std::make_shared<RunMeter>();
    const auto begin = std::chrono::steady_clock::now();
    std::shared_ptr<CaptureStore> store;
    const auto finished = runCapture(*model, options.request, plan, context, [&](auto created) { store = std::move(created); }, {});
    if (!finished)
        return withRemains(finished.error(), store);
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
    return printSummary(options, plan, **finished, seconds.count());
}

CommandSpec::Work declareRun(CLI::App& command) {
    auto options = std::make_shared<Options>();
    options->keep = {"qkv"};
    command.add_option("model", options->model, "Hugging Face folder, index.json, safetensors or GGUF file")->required();
    addTextOptions(command, options->texts, true);
    command.add_option("-o,--output", options->request.output, "capture to write (HDF5)")->required()->type_name("FILE");
    command
        .add_option("--keep", options->keep,
                    "what to keep besides the statistics: qkv, attention, hidden, logits; or none")
        ->delimiter(',')
        ->check(CLI::IsMember({"qkv", "attention", "hidden", "logits", "none"}))
        ->option_text("LIST");
    command.add_flag("--half", options->request.keep.halfPrecision, "keep vectors, attention and hidden states as float16");
    command.add_flag("--hash", options->hash, "record the SHA-256 of the weights (as `inspect --hash` prints it), which reads all of them once more");
    addRunOptions(command, options->request);
    command.add_flag("--json", options->json, "print JSON");
    return [options](JobContext& context) { return runRun(*options, context); };
}

} // namespace

extern const CommandSpec run;
const CommandSpec run{"run", "Run texts through a model and write a capture", true, declareRun};

} // namespace sinkscope::registry_cli_commands
