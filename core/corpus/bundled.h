// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <optional>
#include <string_view>

namespace sinkscope {

/// Where a bundled sample set lies ("stem"): beside an installed program, else in the source tree. Nothing for other names, and when
/// the file is not there. Thread: any but gui.
std::optional<std::filesystem::path> bundledSampleSet(std::string_view name);

} // namespace sinkscope
