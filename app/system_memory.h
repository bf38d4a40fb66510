// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>

namespace sinkscope {

/// Bytes that this process could still use without swapping: what the system has left, or what its control group leaves if that is
/// less. 0 when the system does not say. Thread: any but gui (reads /proc).
std::uint64_t availableMemory();
/// Bytes of this process in memory now; 0 when the system does not say. Thread: any but gui.
std::uint64_t residentMemory();

} // namespace sinkscope
