// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"

#include <string>
#include <string_view>

namespace sinkscope {

/// Where a model is computed.
enum class Device { Cpu, Cuda };
/// What the matrix products of the weights are computed in. Everything else (softmax, norms, the residual stream, statistics) is float32.
enum class ComputeType { Float32, BFloat16 };

/// "cpu", "cuda"; "f32", "bf16": for options, files and recipes. Thread: any.
std::string_view idOf(Device device);
std::string_view idOf(ComputeType type);
/// "CPU · f32", for buttons and menus. Thread: any.
std::string titleOf(Device device, ComputeType type);

/// Whether this machine can compute in this way at a gain; does not load libtorch. Thread: any. Errors: Unavailable, with the reason.
Result<void> checkAvailable(Device device, ComputeType type);

} // namespace sinkscope
