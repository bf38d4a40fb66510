// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/arch/arch_spec.h"
#include "core/checkpoint/checkpoint.h"

namespace sinkscope {

/// An architecture as GGUF files store it: the same mathematics under other names, with linear weights as [out, in], complete norms and
/// unmixed fused projections. What is optional is taken from the tensors that `checkpoint` has. Errors: Unavailable, naming a tensor of a
/// layer that plays no role here: the model would be computed without it. Thread: any.
Result<std::shared_ptr<const ArchSpec>> asStoredInGguf(const ArchSpec& arch, const Checkpoint& checkpoint);

} // namespace sinkscope
