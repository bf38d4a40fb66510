// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"

#include <filesystem>
#include <functional>
#include <string_view>

namespace sinkscope {

/// Writes a whole file beside `path` and renames it into place, so that no reader ever sees half of it.
/// Errors: WriteFailed, DiskFull; an existing file is then untouched.
Result<void> writeFileAtomically(const std::filesystem::path& path, std::string_view content);
/// The same for content that something else writes: `write` fills the temporary path it is given.
Result<void> replaceFileAtomically(const std::filesystem::path& path,
                                   const std::function<Result<void>(const std::filesystem::path&)>& write);

} // namespace sinkscope
