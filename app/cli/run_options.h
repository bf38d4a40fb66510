// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/session/capture_run.h"

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace CLI {
class App;
}

namespace sinkscope {

/// "2G", "512M", "1.5GiB", "1000000": bytes; nothing when it is no size. G is 10^9, Gi is 2^30.
std::optional<std::uint64_t> parseBytes(std::string_view text);
/// "0,3,8-11": ascending, each once; nothing when it is no such list.
std::optional<std::vector<int>> parseLayers(std::string_view text);

/// Declares --bos, --layers, --device, --dtype, --threads and --max-memory, which fill `request`.
void addRunOptions(CLI::App& command, RunRequest& request);

/// Of them, --device, --dtype, --threads and --max-memory alone.
void addComputeOptions(CLI::App& command, RunRequest& request);

/// "12 samples, 1 532 tokens (longest 201); 6 of 6 layers, 8 heads; memory 412 MB: ...; disk 75 MB".
std::string describePlan(const RunPlan& plan);

} // namespace sinkscope
