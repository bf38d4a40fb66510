// SPDX-License-Identifier: Apache-2.0
// Not in the module with torch: this runs first thing in main, before the BLAS is there.
#include "core/base/log.h"
#include "core/nn/forward.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <dlfcn.h>
#include <string>
#include <unistd.h>

namespace sinkscope {
namespace {

constexpr const char* kVariable = "OPENBLAS_CORETYPE";
/// Set while the program starts for the second time, so that it can never become a circle.
constexpr const char* kGuard = "SINKSCOPE_BLAS_CHOSEN";

/// The kernels that OpenBLAS chooses by itself, empty when the BLAS is another one. Takes 2 to 9 ms: the library is loaded and,
/// unless the program is linked to it, unloaded.
std::string chosenKernels() {
    for (const char* name : {"libblas.so.3", "libopenblas.so.0"}) {
        void* library = dlopen(name, RTLD_LAZY | RTLD_LOCAL);
        const auto core = library ? reinterpret_cast<char* (*)()>(dlsym(library, "openblas_get_corename")) : nullptr;
        const std::string chosen = core ? core() : "";
        if (library)
            dlclose(library);
        if (!chosen.empty())
            return chosen;
    }
    return {};
}

bool staysLoaded() {
    void* library = dlopen("libopenblas.so.0", RTLD_LAZY | RTLD_NOLOAD);
    if (library)
        dlclose(library);
    return library != nullptr;
}

/// The kernels to ask for instead of the chosen ones; null when those are as good as the processor. Names that are not listed are newer
/// than this list and are trusted.
const char* betterKernels(const std::string& chosen) {
#if defined(__x86_64__)
    static constexpr std::array kWithoutAvx2{"Prescott", "Core2",     "Penryn", "Dunnington", "Nehalem",  "Athlon",      "Opteron",
                                             "Atom",     "Barcelona", "Bobcat", "Nano",       "Katmai",   "Opteron_SSE3", "Coppermine",
                                             "Banias",   "Northwood", "Generic", "Bulldozer", "Piledriver", "Sandybridge"};
    static constexpr std::array kWithoutAvx512{"Haswell", "Zen", "Excavator", "Steamroller"};
    const auto isChosen = [&](const char* name) { return chosen == name; };
    const bool lacksAvx2 = std::ranges::any_of(kWithoutAvx2, isChosen);
    const bool lacksAvx512 = lacksAvx2 || std::ranges::any_of(kWithoutAvx512, isChosen);
    __builtin_cpu_init();
    const bool hasAvx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
                           __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl");
    if (lacksAvx512 && hasAvx512)
        return "SkylakeX";
    if (lacksAvx2 && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
        return "Haswell";
#else
    static_cast<void>(chosen);
#endif
    return nullptr;
}

} // namespace

void selectBlasKernels(int argc, char** argv) {
    if (std::getenv(kVariable) || std::getenv(kGuard))
        return;
    const std::string chosen = chosenKernels();
    const char* better = betterKernels(chosen);
    if (!better)
        return;
    logMessage(LogLevel::Info, "OpenBLAS chose its " + chosen + " kernels; using " + better + " instead");
    setenv(kVariable, better, 1);
    if (!staysLoaded() || argc < 1) { // it reads the variable when it is loaded again
        if (chosenKernels() != better)
            unsetenv(kVariable); // built without them
        return;
    }
    setenv(kGuard, "1", 1);
    execv("/proc/self/exe", argv);
    logMessage(LogLevel::Warning, "could not start again with better OpenBLAS kernels"); // execv returned
}

} // namespace sinkscope
