// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"

#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <string_view>

namespace sinkscope {

/// What model.safetensors.index.json says: which shard holds which tensor.
struct WeightIndex {
    std::map<std::string, std::string, std::less<>> shardOf; ///< by tensor
    std::set<std::string, std::less<>> shards;               ///< plain file names, in order
};

/// Errors: HeaderInvalid (not JSON, no weight_map, nothing in it, a tensor named twice), PathEscapes (a shard that is not a
/// plain file name), and those of MappedFile::open. Thread: any but gui.
Result<WeightIndex> readWeightIndex(const std::filesystem::path& path);
/// The same for text in memory; `file` goes into the errors.
Result<WeightIndex> parseWeightIndex(std::string_view text, const std::filesystem::path& file);

/// True for a JSON file that has a weight_map. Never fails.
bool looksLikeWeightIndex(const std::filesystem::path& path);

/// Refuses (PathEscapes) a file whose symbolic links lead out of `folder`. One way out is allowed, that of the Hugging Face
/// cache: <repository>/snapshots/<revision>/... may point into <repository>/blobs. A file that does not exist is no error.
Result<void> checkInsideFolder(const std::filesystem::path& file, const std::filesystem::path& folder);

} // namespace sinkscope
