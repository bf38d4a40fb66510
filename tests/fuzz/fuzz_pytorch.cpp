// SPDX-License-Identifier: Apache-2.0
#include "core/checkpoint/torch_reader.h"
#include "fuzz/fuzz_target.h"

#include <cstdlib>

namespace sinkscope::test {

/// Whole files, in both formats: every tensor has as many bytes as its shape needs, inside the file or in memory of its own.
std::string fuzzOutcome(std::span<const std::byte> bytes) {
    const auto file = parseTorch(bytes, "fuzz.bin", nullptr);
    if (!file) {
        if (describe(file.error()).find('\n') != std::string::npos)
            std::abort();
        return outcomeOf(file);
    }
    std::uint64_t inMemory = 0, converted = 0;
    for (const TensorInfo& tensor : file->tensors) {
        std::uint64_t needed = bitsOf(tensor.dtype) / 8;
        for (const std::int64_t size : tensor.shape)
            needed = size == 0 || needed == 0 ? 0 : needed * static_cast<std::uint64_t>(size);
        const bool inside = tensor.bytes.data() >= bytes.data() && tensor.bytes.data() + tensor.bytes.size() <= bytes.data() + bytes.size();
        inMemory += tensor.file ? tensor.bytes.size() : 0;
        if (tensor.bytes.size() != needed || (!tensor.bytes.empty() && !tensor.file && !inside) || inMemory > bytes.size())
            std::abort();
        converted += tensor.elements();
        if (!hasValues(tensor.dtype) || converted > 1'000'000) // many tensors may share a storage
            continue;
        std::vector<float> values(tensor.elements());
        convertToFloat(tensor, values);
    }
    return outcomeOf(file);
}

} // namespace sinkscope::test
