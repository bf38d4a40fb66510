// SPDX-License-Identifier: Apache-2.0
#include "core/nn/compute_choice.h"

#include <filesystem>

namespace sinkscope {
namespace {

#if defined(__x86_64__)
/// Dot products of bfloat16 pairs, which every processor with AMX has too. Without them libtorch's bfloat16 is slower than float32.
bool hasBrainFloat() { return __builtin_cpu_supports("avx512bf16") != 0; }
#else
bool hasBrainFloat() { return false; }
#endif

} // namespace

std::string_view idOf(Device device) { return device == Device::Cpu ? "cpu" : "cuda"; }

std::string_view idOf(ComputeType type) { return type == ComputeType::Float32 ? "f32" : "bf16"; }

std::string titleOf(Device device, ComputeType type) {
    return std::string(device == Device::Cpu ? "CPU" : "CUDA") + " · " + std::string(idOf(type));
}

Result<void> checkAvailable(Device device, ComputeType type) {
    if (device == Device::Cuda) {
        std::error_code failure;
        for (const char* driver : {"/proc/driver/nvidia", "/dev/dxg"}) // Linux; the Windows subsystem for it
            if (std::filesystem::exists(driver, failure))
                return {}; // whether libtorch can use it is known once that is loaded
        return Error{ErrorCode::Unavailable, "no NVIDIA driver is loaded on this machine", {}};
    }
    if (type == ComputeType::BFloat16 && !hasBrainFloat())
        return Error{ErrorCode::Unavailable, "this processor has no bfloat16 products (AVX-512 BF16 or AMX), so float32 is faster on it", {}};
    return {};
}

} // namespace sinkscope
