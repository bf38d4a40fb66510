// SPDX-License-Identifier: Apache-2.0
#include "core/io/program_module.h"

#include <dlfcn.h>
#include <filesystem>

namespace sinkscope {
namespace {

namespace fs = std::filesystem;

fs::path modulePath(const char* fileName) {
    std::error_code failure;
    const fs::path folder = fs::read_symlink("/proc/self/exe", failure).parent_path();
    for (const char* place : {".", "../bin", "../lib/sinkscope"}) {
        const fs::path candidate = folder / place / fileName;
        if (fs::exists(candidate, failure))
            return candidate;
    }
    return folder / fileName;
}

/// AddressSanitizer has to see every allocation, and refuses it: GCC tells by a macro, clang by a feature.
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SINKSCOPE_SHARED_SYMBOLS
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(SINKSCOPE_SHARED_SYMBOLS)
constexpr int kOwnFirst = 0;
#else
constexpr int kOwnFirst = RTLD_DEEPBIND;
#endif

} // namespace

Result<void*> openProgramModule(const char* fileName, bool ownFirst) {
    const fs::path path = modulePath(fileName);
    if (void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL | (ownFirst ? kOwnFirst : 0)))
        return library;
    const char* reason = dlerror();
    return Error{ErrorCode::Unavailable, "cannot load a library of the program: " + std::string(reason ? reason : ""), path};
}

} // namespace sinkscope
