// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/analysis/analysis.h"
#include "core/capture/sweep_store.h"
#include "core/corpus/sample_set.h"
#include "core/session/capture_run.h"

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace sinkscope {

/// A sweep as the user asks for it: every model under every variant on every sample.
struct SweepRequest {
    std::vector<std::filesystem::path> models;
    std::vector<std::string> variants{"intact"}; ///< as parseVariant reads them
    std::shared_ptr<const SampleSet> samples;
    AnalysisRequest analysis{};  ///< its weights and threads are not used
    RunOptions options{};        ///< of every run; layers and interventions are not used
    std::filesystem::path output;
    int shard = 1, shards = 1;   ///< this process computes part `shard` of `shards`, counted from 1
};

struct SweepReport {
    std::size_t units = 0;       ///< of this shard
    std::size_t before = 0;      ///< of them, finished by an earlier call
    std::size_t done = 0;        ///< computed now
    std::size_t leftOut = 0;     ///< samples that a model cannot take, now and before
    std::vector<std::string> notes; ///< variants that do not apply to a model
    double forwardSeconds = 0, analysisSeconds = 0;
};

/// Computes what is missing of a shard and writes it, sample by sample, to `output`; a file of an earlier call that was killed or cancelled is
/// continued. Nothing else is written. The units (model, variant, sample), in this order, are divided into `shards` parts of nearly equal
/// size that follow one another, so that a shard runs few models. The numbers do not depend on threads, shards and interruptions, only on
/// maxMemory, which decides how many samples go through the model together. Thread: the torch strand.
/// Errors: InvalidArgument (variants, shard, no model, an output of another sweep); those of opening and running models, naming the model;
/// of SweepWriter; Cancelled, which leaves the finished units.
Result<SweepReport> runSweep(const SweepRequest& request, JobContext& context);

} // namespace sinkscope
