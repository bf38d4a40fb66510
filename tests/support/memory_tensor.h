// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/checkpoint/checkpoint.h"
#include "support/safetensors_writer.h"

#include <random>

namespace sinkscope::test {

/// A tensor over bytes of its own, no file behind it.
struct MemoryTensor {
    MemoryTensor(std::vector<std::int64_t> shape, const std::vector<float>& values) : MemoryTensor(DType::F32, std::move(shape), tensorBytes(values)) {}
    MemoryTensor(DType type, std::vector<std::int64_t> shape, std::string bytes) : storage(std::move(bytes)) {
        tensor.name = "w";
        tensor.dtype = type;
        tensor.shape = std::move(shape);
        tensor.bytes = std::as_bytes(std::span(storage));
    }
    MemoryTensor(const MemoryTensor&) = delete;
    MemoryTensor& operator=(const MemoryTensor&) = delete;
    std::string storage;
    TensorInfo tensor;
};

inline std::vector<float> normalFloats(std::size_t count, unsigned seed, float deviation = 1.0F) {
    std::mt19937 random(seed);
    std::normal_distribution<float> normal(0, deviation);
    std::vector<float> values(count);
    for (float& value : values)
        value = normal(random);
    return values;
}

} // namespace sinkscope::test
