// SPDX-License-Identifier: Apache-2.0
#include "core/checkpoint/assemble.h"
#include "core/checkpoint/gguf_assemble.h"
#include "core/tokenizer/tokenizer.h"
#include "fuzz/fuzz_target.h"

#include <cstdlib>

namespace sinkscope::test {
namespace {

constexpr std::uint64_t kMostConverted = 1'000'000;

template <typename T> void checkOneLine(const Result<T>& result) {
    if (!result && describe(result.error()).find('\n') != std::string::npos)
        std::abort();
}

/// Every tensor lies inside the file, with the bytes that its shape needs, and can be converted.
void checkTensors(std::span<const std::byte> bytes, const GgufHeader& header, Checkpoint& checkpoint) {
    std::uint64_t converted = 0;
    std::vector<TensorInfo> tensors;
    for (const GgufEntry& entry : header.tensors) {
        if (entry.end < entry.begin || entry.end > bytes.size())
            std::abort();
        const TensorInfo tensor{entry.name, entry.dtype, entry.shape, bytes.subspan(entry.begin, entry.end - entry.begin), nullptr};
        std::uint64_t needed = 1;
        for (const std::int64_t size : tensor.shape)
            needed = size == 0 || needed == 0 ? 0 : needed * static_cast<std::uint64_t>(size);
        if (tensor.elements() != needed)
            std::abort();
        tensors.push_back(tensor);
        if (!hasValues(tensor.dtype) || (converted += needed) > kMostConverted)
            continue;
        std::vector<float> values(tensor.elements());
        convertToFloat(tensor, values);
    }
    if (addTensors(checkpoint, std::move(tensors)) > 0)
        std::abort();
}

} // namespace

/// Whole files: header and tensors, and what is built of the header, which may be refused but must not crash.
std::string fuzzOutcome(std::span<const std::byte> bytes) {
    const auto header = parseGguf(bytes, "fuzz.gguf");
    checkOneLine(header);
    if (!header)
        return outcomeOf(header);
    Checkpoint checkpoint;
    checkTensors(bytes, *header, checkpoint);
    for (const auto& [key, value] : header->metadata)
        if (value.description().find('\n') != std::string::npos)
            std::abort();
    ggufConfig(*header, checkpoint);
    const auto text = ggufTokenizer(*header, "fuzz.gguf");
    checkOneLine(text);
    if (text)
        checkOneLine(Tokenizer::parse(text->json, text->bosPiece, "fuzz.gguf"));
    return outcomeOf(header);
}

} // namespace sinkscope::test
