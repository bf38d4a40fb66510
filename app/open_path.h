// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/session/capture_run.h"

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

namespace sinkscope {

/// What was behind a path: exactly one of the members is set.
struct OpenedPath {
    std::shared_ptr<const LoadedModel> model;
    std::shared_ptr<CaptureStore> capture;
    std::optional<std::string> text; ///< UTF-8
};

/// Longest text file that is taken as a prompt.
inline constexpr std::size_t kMaxPromptBytes = 4U << 20;

/// Opens whatever a path is, judged by content: a capture, a checkpoint, or else text. Errors: those of CaptureStore::open and
/// loadModel; InvalidUtf8 and InvalidArgument (too long) for text files. Thread: any but gui.
Result<OpenedPath> openPath(const std::filesystem::path& path);

} // namespace sinkscope
