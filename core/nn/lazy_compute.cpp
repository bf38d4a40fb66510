// SPDX-License-Identifier: Apache-2.0
// What programs link instead of the forward pass: it loads libsinkscope_nn.so when it is needed (compute_module.h says why).
#include "core/nn/compute_module.h"

#include <dlfcn.h>
#include <filesystem>
#include <mutex>

namespace sinkscope {
namespace {

namespace fs = std::filesystem;
using Entry = const ComputeModule* (*)();

/// Beside the program, where it is built; else where it is installed. Relative to the program, so that a tree can be moved.
fs::path modulePath() {
    std::error_code failure;
    const fs::path folder = fs::read_symlink("/proc/self/exe", failure).parent_path();
    for (const char* place : {".", "../bin", "../lib/sinkscope"}) {
        const fs::path candidate = folder / place / "libsinkscope_nn.so";
        if (fs::exists(candidate, failure))
            return candidate;
    }
    return folder / "libsinkscope_nn.so";
}

Result<const ComputeModule*> loadModule() {
    const fs::path path = modulePath();
    // Never closed: libtorch cannot be unloaded.
    void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (!library) {
        const char* reason = dlerror();
        return Error{ErrorCode::Unavailable, "cannot load the library that computes: " + std::string(reason ? reason : ""), path};
    }
    const auto entry = reinterpret_cast<Entry>(dlsym(library, kComputeModuleEntry));
    const ComputeModule* module = entry ? entry() : nullptr;
    if (!module || module->version != SINKSCOPE_VERSION)
        return Error{ErrorCode::Unavailable, "belongs to another version of Sinkscope", path};
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
