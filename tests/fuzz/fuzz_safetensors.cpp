// SPDX-License-Identifier: Apache-2.0
#include "core/checkpoint/safetensors_reader.h"
#include "fuzz/fuzz_target.h"

#include <cstring>
#include <vector>

namespace sinkscope::test {

namespace {

/// What is accepted must be safe to read: the tensors tile the data, and every one can be converted.
std::string outcomeOfFile(std::span<const std::byte> bytes) {
    const auto entries = parseSafetensors(bytes, "fuzz.safetensors");
    if (!entries) {
        if (describe(entries.error()).find('\n') != std::string::npos)
            std::abort();
        return outcomeOf(entries);
    }
    std::uint64_t position = entries->empty() ? bytes.size() : entries->front().begin;
    for (const SafetensorsEntry& entry : *entries) {
        if (entry.begin != position || entry.end < entry.begin || entry.end > bytes.size())
            std::abort();
        position = entry.end;
        const TensorInfo tensor{entry.name, entry.dtype, entry.shape, bytes.subspan(entry.begin, entry.end - entry.begin), nullptr};
        if (!hasValues(tensor.dtype))
            continue;
        std::vector<float> values(tensor.elements());
        convertToFloat(tensor, values);
    }
    if (position != bytes.size())
        std::abort();
    return outcomeOf(entries);
}

/// The same file with a length that fits its header: a mutation that moves a brace would otherwise never get past the length.
std::vector<std::byte> withFittingLength(std::span<const std::byte> bytes) {
    std::vector<std::byte> repaired(bytes.begin(), bytes.end());
    std::uint64_t length = repaired.size() - 8;
    while (length > 0 && repaired[7 + length] != std::byte{'}'})
        --length;
    std::memcpy(repaired.data(), &length, 8);
    return repaired;
}

} // namespace

std::string fuzzOutcome(std::span<const std::byte> bytes) {
    if (bytes.size() > 8)
        outcomeOfFile(withFittingLength(bytes));
    return outcomeOfFile(bytes);
}

} // namespace sinkscope::test
