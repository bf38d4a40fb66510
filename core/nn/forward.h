// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/jobs/job_context.h"
#include "core/nn/compute_choice.h"
#include "core/nn/intervention.h"
#include "core/nn/run_meter.h"
#include "core/nn/taps.h"

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace sinkscope {

/// One text as the model sees it.
struct SampleInput {
    std::vector<std::int32_t> ids;
    std::vector<std::int32_t> segments; ///< token type ids of encoders; empty means all zero
};

struct RunOptions {
    Device device = Device::Cpu;
    ComputeType compute = ComputeType::Float32;
    int threads = 0;               ///< 0: every processor this process may use
    std::uint64_t maxMemory = 0;   ///< bytes; 0: no limit. The run is refused (MemoryExceeded) if its plan needs more.
    /// Layers whose taps are delivered (-1: the embedding); empty: all. The pass always computes up to the last of them.
    std::vector<int> layers{};
    std::shared_ptr<const Intervention> intervention{}; ///< null: the model as it is
    std::shared_ptr<RunMeter> meter{}; ///< counts what the run reads and computes, if somebody wants to know
};

/// What a run will hold in memory at its worst moment, in bytes, before anything is computed.
struct MemoryPlan {
    std::uint64_t weights = 0;     ///< converted weights of one layer (or the unembedding, if logits are wanted)
    std::uint64_t activations = 0; ///< hidden states of all samples and the work space of one chunk
    std::uint64_t attention = 0;   ///< attention blocks of all threads
    [[nodiscard]] std::uint64_t total() const { return weights + activations + attention; }
    [[nodiscard]] std::string text() const; ///< "412 MB: weights 28 MB, activations 96 MB, ..."
};

/// Thread: any.
MemoryPlan planRun(const ModelSpec& spec, std::span<const SampleInput> samples, const RunOptions& options, const TapConsumer& consumer);

/// Runs the samples through the model, layer by layer: each layer's weights are read once and used for all samples, which
/// are never padded. Cancel takes effect within one chunk of one layer. Thread: the torch strand.
/// Errors: EmptyText, TextTooLong, InvalidArgument (id out of range, layer out of range), MemoryExceeded, OutOfMemory, NotFinite,
/// Unavailable (device), Cancelled, and whatever the consumer returns.
Result<void> runModel(const ModelSpec& spec, std::span<const SampleInput> samples, const RunOptions& options,
                      TapConsumer& consumer, JobContext& context);

/// First thing in main(): if the BLAS chose kernels far below what the processor can do, sets the variable that makes it
/// choose better and starts this program again (toolchain note 1). Honours a setting of the user. Nothing has loaded the BLAS
/// then (compute_module.h): it is loaded here, by name, which takes a millisecond. Thread: main, before any other.
void selectBlasKernels(int argc, char** argv);
/// What computes: library versions, BLAS and its kernels, threads. For the log and `sinkscope-cli --version`.
std::string computeDescription();

} // namespace sinkscope
