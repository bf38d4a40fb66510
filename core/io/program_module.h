// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"

namespace sinkscope {

/// Opens one of the program's own shared libraries, looked for beside the program where it is built, else where it is installed, relative
/// to the program, so that a tree can be moved. Never closed. Its symbols stay its own; `ownFirst`: it and what it links also prefer their
/// own over those of the program, so that two versions of a library can live side by side. Errors: Unavailable. Thread: any.
Result<void*> openProgramModule(const char* fileName, bool ownFirst);

} // namespace sinkscope
