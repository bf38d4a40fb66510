// SPDX-License-Identifier: Apache-2.0
// What programs link instead of the forward pass: it loads libsinkscope_nn.so when it is needed (compute_module.h says why).
#include "core/io/program_module.h"
#include "core/nn/compute_module.h"

#include <dlfcn.h>
#include <mutex>

namespace sinkscope {
namespace {

using Entry = const ComputeModule* (*)();

Result<const ComputeModule*> loadModule() {
    SINKSCOPE_TRY(void* const library, openProgramModule("libsinkscope_nn.so", false)); // libtorch cannot be unloaded
    const auto entry = reinterpret_cast<Entry>(dlsym(library, kComputeModuleEntry));
    const ComputeModule* module = entry ? entry() : nullptr;
    if (!module || module->version != SINKSCOPE_VERSION)
        return Error{ErrorCode::Unavailable, "belongs to another version of Sinkscope", "libsinkscope_nn.so"};
    module->forwardLog([](LogLevel level, std::string_view text) { logMessage(level, text); });
    return module;
}

} // namespace

Result<const ComputeModule*> computeModule() {
    static std::mutex mutex;
    static const ComputeModule* loaded = nullptr;
    const std::lock_guard lock(mutex);
    if (!loaded) {
        SINKSCOPE_TRY(loaded, loadModule());
    }
    return loaded;
}

Result<void> runModel(const ModelSpec& spec, std::span<const SampleInput> samples, const RunOptions& options,
                      TapConsumer& consumer, JobContext& context) {
    SINKSCOPE_TRY(const ComputeModule* const module, computeModule());
    return module->runModel(spec, samples, options, consumer, context);
}

std::string computeDescription() {
    const auto module = computeModule();
    return module ? (*module)->computeDescription() : describe(module.error());
}

} // namespace sinkscope
