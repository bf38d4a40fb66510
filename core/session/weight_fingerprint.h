// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/checkpoint/checkpoint.h"

#include <string>

namespace sinkscope {

/// Cheap identity of a set of weights, "fnv1a64-sampled:<16 hex digits>": a 64-bit FNV-1a hash of every tensor's name, type and
/// shape and of 64 bytes at each of eight places spread over it. Tells checkpoints of one training run apart without reading
/// gigabytes; it does not prove that files are equal, as a SHA-256 would, and is no protection against tampering.
/// Does not depend on the order of the tensors or on sharding. Thread: any but gui (touches the mapped files).
std::string weightFingerprint(const Checkpoint& checkpoint);

} // namespace sinkscope
