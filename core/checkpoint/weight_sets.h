// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"

#include <filesystem>
#include <string>
#include <vector>

namespace sinkscope {

/// Files of a folder that together are the weights of a model.
struct WeightSet {
    std::filesystem::path index;              ///< says which shard holds what; empty when the files are all there is
    std::vector<std::filesystem::path> files; ///< the shards, or what is read in this order
    std::size_t missing = 0;                  ///< how many of the shards are not there
    bool named = false;                       ///< as transformers names the weights of a model: not an adapter, say
    bool alone = false;                       ///< a file that brings its own configuration and tokenizer (GGUF): not read as a part

    /// The index, or the first file.
    [[nodiscard]] const std::filesystem::path& leader() const { return index.empty() ? files.front() : index; }
};

/// What a folder offers.
struct WeightFolder {
    std::vector<WeightSet> sets;      ///< best first: safetensors, PyTorch, GGUF, and among each the names that transformers writes
    std::vector<std::string> foreign; ///< files with weights in formats that are not read
    bool config = false;              ///< config.json is there
};

/// Lists a folder. PyTorch files of training (optimizer.pt, training_args.bin, ...) are no weights. Errors: FileUnreadable. Thread: any but gui.
Result<WeightFolder> listWeightFolder(const std::filesystem::path& folder);

/// The place in `sets` of the first named one that lacks no shard, 0 when there is none. `sets` is not empty.
std::size_t bestSet(const std::vector<WeightSet>& sets);

/// The index that a weight file belongs to; empty if there is none. Never fails.
std::filesystem::path indexOfShard(const std::filesystem::path& path);

/// True for model.safetensors.index.json, pytorch_model.bin.index.json and the like.
bool isIndexName(const std::filesystem::path& path);

} // namespace sinkscope
