// SPDX-License-Identifier: Apache-2.0
#include "core/checkpoint/weight_index.h"
#include "fuzz/fuzz_target.h"

namespace sinkscope::test {

/// No shard that is accepted may lead out of the folder.
std::string fuzzOutcome(std::span<const std::byte> bytes) {
    const auto index = parseWeightIndex({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, "model.safetensors.index.json");
    if (!index)
        return outcomeOf(index);
    for (const std::string& shard : index->shards) {
        const std::filesystem::path joined = std::filesystem::path("folder") / shard;
        if (joined.lexically_normal().parent_path() != "folder" || joined.filename() != shard)
            std::abort();
    }
    return outcomeOf(index);
}

} // namespace sinkscope::test
