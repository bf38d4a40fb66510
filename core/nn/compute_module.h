// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/log.h"
#include "core/nn/forward.h"
#include "core/nn/parameter_fisher.h"

namespace sinkscope {

/// libtorch takes 340 ms and 160 MB to load, which `inspect` and a window that is being painted must not pay. Everything that
/// includes ATen is therefore built into a module, libsinkscope_nn.so, that is loaded when a model is first run; this table
/// is what it hands over. The module is part of the same build and is never used with another one.
struct ComputeModule {
    std::string_view version; ///< of Sinkscope: an older file left behind is refused
    Result<void> (*runModel)(const ModelSpec&, std::span<const SampleInput>, const RunOptions&, TapConsumer&, JobContext&);
    std::string (*computeDescription)();
    Result<ParameterFisher> (*parameterFisher)(const ModelSpec&, std::span<const SampleInput>, const FisherOptions&, JobContext&);
    /// The module has its own copy of core/base; this makes its log lines arrive where the program's do.
    void (*forwardLog)(void (*sink)(LogLevel, std::string_view));
};

/// The only name that the module exports.
inline constexpr const char* kComputeModuleEntry = "sinkscopeComputeModule";

/// Loads the module at the first call. Errors: Unavailable, saying what the loader said. Thread: any but gui.
Result<const ComputeModule*> computeModule();

} // namespace sinkscope
