// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/arch/arch_spec.h"
#include "core/io/json_reader.h"

#include <optional>

namespace sinkscope {

/// What is found at a path ("attn_config.alibi"); null when there is nothing. Thread: any.
const Json* valueAt(const Json& config, std::string_view path);
/// What is found at a path, or the architecture's default; nothing when there is neither. Null counts as absent. Thread: any.
std::optional<Json> settingAt(const Json& config, const ArchSpec& arch, std::string_view path);
/// config.json as the architecture means it: what stands in ArchSpec::nested is lifted to the top, where it counts first. Thread: any.
Json flattened(const Json& config, const ArchSpec& arch);
/// Whether a condition of an architecture holds (arch_spec.h). The condition "true" always does. Thread: any.
bool holds(Condition condition, const Json& config, const ArchSpec& arch);

} // namespace sinkscope
