// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/capture/capture_store.h"
#include "core/jobs/job_context.h"
#include "core/nn/forward.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace sinkscope {

/// A checkpoint ready to run, or to inspect only: `spec` or `tokenizer` are null when they could not be made, and
/// `problems` says why. Immutable.
struct LoadedModel {
    std::shared_ptr<const Checkpoint> checkpoint;
    std::shared_ptr<const ModelSpec> spec;
    std::shared_ptr<const Tokenizer> tokenizer;
    std::vector<Error> problems;
    [[nodiscard]] bool canRun() const { return spec && tokenizer; }
};

/// The tokenizer of an opened checkpoint: the one inside its file, else tokenizer.json of its folder. Errors: those of Tokenizer::load.
/// Thread: any but gui.
Result<std::shared_ptr<const Tokenizer>> tokenizerOf(const Checkpoint& checkpoint);

/// Opens a checkpoint, its model description and its tokenizer. Fails only when the path is no checkpoint at all.
/// Thread: any but gui.
Result<std::shared_ptr<const LoadedModel>> loadModel(const std::filesystem::path& path);

/// Name of a model for people: that of its folder.
std::string titleOf(const Checkpoint& checkpoint);
/// "F16 weights, computed in F32".
std::string dtypeText(const ModelSpec& spec, const RunOptions& options);

/// A run as the user asks for it: the window's prompt bar and `sinkscope-cli run` fill the same structure.
/// `options.intervention` is recorded in the recipe. One that hides keys is refused together with `keep.vectors`: views recompute
/// attention from the stored query and key, which would show the keys again.
struct RunRequest {
    std::vector<std::string> texts;
    std::vector<std::string> groups{}; ///< of the texts, one each; empty when they have none
    std::string sampleSet{};           ///< SampleSet::fingerprint of the texts, for the recipe; empty for typed text
    BosChoice bos = BosChoice::Auto;
    KeepOptions keep;
    RunOptions options;
    std::filesystem::path output; ///< capture file to write
};

/// What a run will need, known after tokenizing.
struct RunPlan {
    CaptureHeader header;
    std::vector<SampleInput> inputs;
    MemoryPlan memory;
    std::uint64_t diskBytes = 0;
};

/// Tokenizes and plans. Errors: those of encodeWithBos; EmptyText; TextTooLong, naming the sample; MemoryExceeded. Thread: any but gui.
Result<RunPlan> planCapture(const LoadedModel& model, const RunRequest& request);

/// Called on the worker thread as soon as a sample's layer is complete, with what views need to fill in.
using LayerArrived = std::function<void(std::shared_ptr<const LayerStatistics>)>;
/// Called on the worker thread once the capture file exists, before the first layer.
using CaptureStarted = std::function<void(std::shared_ptr<CaptureStore>)>;

/// Runs a plan into a capture file. A cancelled or failed run leaves the file with the layers that were finished.
/// Thread: the torch strand. Errors: those of runModel and of CaptureStore.
Result<std::shared_ptr<CaptureStore>> runCapture(const LoadedModel& model, const RunRequest& request, const RunPlan& plan,
                                                 JobContext& context, const CaptureStarted& started, const LayerArrived& arrived);

} // namespace sinkscope
