// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/arch/arch_spec.h"
#include "core/io/json_reader.h"

#include <string>

namespace sinkscope {

/// What is found at a path ("attn_config.alibi"); null when there is nothing. Thread: any.
const Json* valueAt(const Json& config, std::string_view path);
/// JSON text of what is found at a path, or of the architecture's default; empty when there is neither. Null counts as absent.
std::string textAt(const Json& config, const ArchSpec& arch, std::string_view path);
/// Whether a condition of an architecture holds (arch_spec.h). The condition "true" always does. Thread: any.
bool holds(Condition condition, const Json& config, const ArchSpec& arch);

} // namespace sinkscope
