// SPDX-License-Identifier: Apache-2.0
#include "core/base/printable.h"
#include "core/checkpoint/assemble.h"
#include "core/checkpoint/hub_cache.h"
#include "core/checkpoint/weight_index.h"
#include "core/checkpoint/weight_sets.h"

#include <algorithm>

namespace sinkscope::registry_checkpoint_formats {
namespace {

namespace fs = std::filesystem;

bool isFile(const fs::path& path) {
    std::error_code failure;
    return fs::is_regular_file(path, failure);
}

int scoreFolder(const fs::path& path) {
    std::error_code failure;
    if (fs::is_directory(path, failure)) {
        if (!hubSnapshotOf(path).empty())
            return 90;
        const auto listing = listWeightFolder(path);
        if (!listing)
            return 10; // opening it says why
        return listing->config || !listing->sets.empty() ? 90 : 0;
    }
    if (!isFile(path))
        return 0;
    if (looksLikeWeightIndex(path) || !indexOfShard(path).empty())
        return 90;
    if (isIndexName(path))
        return 60; // damaged: opening it says so
    return path.filename() == "config.json" ? 50 : 0;
}

Result<void> checkShardsPresent(const WeightIndex& index, const fs::path& folder) {
    std::vector<std::string> missing;
    for (const std::string& shard : index.shards) {
        SINKSCOPE_CHECK(checkInsideFolder(folder / shard, folder));
        std::error_code failure;
        if (!fs::exists(folder / shard, failure))
            missing.push_back(shard);
    }
    if (missing.empty())
        return {};
    std::string detail = std::to_string(missing.size()) + " of " + std::to_string(index.shards.size()) +
                         (missing.size() == 1 ? " shards is missing: " : " shards are missing, first ") + printable(missing.front());
    return Error{ErrorCode::ShardMissing, std::move(detail), folder / missing.front()};
}

/// Every tensor that the index promises must be in the shard that it names.
Result<void> checkPromises(const WeightIndex& index, const Checkpoint& checkpoint, const fs::path& indexFile) {
    std::size_t lacking = 0;
    std::string example;
    for (const auto& [tensor, shard] : index.shardOf) {
        const TensorInfo* found = checkpoint.find(tensor);
        if (found && found->file->path().filename() == shard)
            continue;
        if (lacking++ == 0)
            example = "'" + printable(tensor) + "' is not in " + printable(shard);
    }
    if (lacking == 0)
        return {};
    return Error{ErrorCode::TensorMissing,
                 example + (lacking == 1 ? "" : ", nor are " + std::to_string(lacking - 1) + " more tensors where the index says"),
                 indexFile};
}

Result<void> readShards(Checkpoint& checkpoint, const fs::path& indexFile) {
    SINKSCOPE_TRY(const WeightIndex index, readWeightIndex(indexFile));
    SINKSCOPE_CHECK(checkShardsPresent(index, checkpoint.folder));
    std::size_t unlisted = 0;
    for (const std::string& shard : index.shards) {
        SINKSCOPE_TRY(auto tensors, readPart(checkpoint.folder / shard, checkpoint.notes));
        // A tensor may be in two shards; the index decides which one counts.
        unlisted += std::erase_if(tensors, [&](const TensorInfo& tensor) {
            const auto listed = index.shardOf.find(tensor.name);
            return listed != index.shardOf.end() && listed->second != shard;
        });
        unlisted += static_cast<std::size_t>(std::count_if(tensors.begin(), tensors.end(), [&](const TensorInfo& tensor) {
            return !index.shardOf.contains(tensor.name);
        }));
        unlisted += addTensors(checkpoint, std::move(tensors));
    }
    if (unlisted > 0)
        checkpoint.notes.push_back(std::to_string(unlisted) + " tensors in the shards are not listed by " +
                                   indexFile.filename().string());
    return checkPromises(index, checkpoint, indexFile);
}

Error noWeights(const WeightFolder& listing, const fs::path& folder) {
    std::string detail = "no weights here that can be read; they are read from model.safetensors or pytorch_model.bin, from "
                         "model.safetensors.index.json or pytorch_model.bin.index.json with the shards, or from any other safetensors, "
                         "PyTorch or GGUF file";
    if (!listing.foreign.empty())
        detail += "; found only " + printable(listing.foreign.front()) +
                  (listing.foreign.size() > 1 ? " and " + std::to_string(listing.foreign.size() - 1) + " more" : "");
    return Error{ErrorCode::UnknownFormat, std::move(detail), folder};
}

Result<void> readWeightFiles(Checkpoint& checkpoint, const std::vector<fs::path>& files) {
    for (const fs::path& file : files) {
        SINKSCOPE_CHECK(checkInsideFolder(file, checkpoint.folder));
        SINKSCOPE_TRY(auto tensors, readPart(file, checkpoint.notes));
        const std::size_t repeated = addTensors(checkpoint, std::move(tensors));
        if (repeated > 0)
            checkpoint.notes.push_back(printable(file.filename().string()) + " repeats " + std::to_string(repeated) +
                                       " tensors of the files before it; they are left out");
    }
    return {};
}

/// What was chosen among several, and why not the first.
void noteChoice(Checkpoint& checkpoint, const std::vector<WeightSet>& sets, std::size_t chosen) {
    std::vector<std::string> others;
    for (std::size_t i = 0; i < sets.size(); ++i)
        if (i != chosen)
            others.push_back(printable(sets[i].leader().filename().string()) +
                             (sets[i].missing > 0 ? ", which lacks " + std::to_string(sets[i].missing) + " of " +
                                                        std::to_string(sets[i].files.size()) + " shards"
                                                  : ""));
    if (others.empty())
        return;
    checkpoint.notes.push_back("the weights are those of " + printable(sets[chosen].leader().filename().string()) + ", not of " +
                               others.front() + (others.size() > 1 ? "; " + std::to_string(others.size() - 1) + " more are not read" : ""));
}

/// Reads the weights of one set into `checkpoint`.
Result<void> readSet(Checkpoint& checkpoint, const WeightSet& set) {
    return set.index.empty() ? readWeightFiles(checkpoint, set.files) : readShards(checkpoint, set.index);
}

/// Nothing beside the weights may be a link to somewhere else either.
Result<void> checkSideFiles(const fs::path& folder) {
    for (const char* name : {"config.json", "tokenizer.json", "tokenizer_config.json", "tokenizer.model"})
        SINKSCOPE_CHECK(checkInsideFolder(folder / name, folder));
    return {};
}

/// The folder's only weights bring everything with them.
Result<std::shared_ptr<const Checkpoint>> openAlone(const fs::path& opened, const WeightSet& set, const Checkpoint& sofar) {
    SINKSCOPE_CHECK(checkInsideFolder(set.files.front(), sofar.folder));
    const CheckpointFormat* format = formatOf(set.files.front());
    if (!format)
        return Error{ErrorCode::UnknownFormat, "is not a checkpoint that can be read", set.files.front()};
    SINKSCOPE_TRY(const auto inner, format->open(set.files.front()));
    auto checkpoint = std::make_shared<Checkpoint>(*inner);
    checkpoint->opened = opened;
    checkpoint->notes.insert(checkpoint->notes.begin(), sofar.notes.begin(), sofar.notes.end());
    return std::shared_ptr<const Checkpoint>(std::move(checkpoint));
}

Result<std::shared_ptr<const Checkpoint>> openFolder(const fs::path& path) {
    std::error_code failure;
    auto checkpoint = std::make_shared<Checkpoint>();
    checkpoint->opened = path;
    checkpoint->format = "hf_folder";
    WeightSet chosen;
    if (fs::is_directory(path, failure)) {
        const fs::path snapshot = hubSnapshotOf(path);
        checkpoint->folder = snapshot.empty() ? path : snapshot;
        if (!snapshot.empty())
            checkpoint->notes.push_back("revision " + printable(snapshot.filename().string()) + " is opened");
    } else {
        checkpoint->folder = folderOf(path);
        const bool isShard = path.filename() != "config.json" && !isIndexName(path) && !looksLikeWeightIndex(path);
        if (path.filename() != "config.json")
            chosen.index = isShard ? indexOfShard(path) : path;
        if (isShard)
            checkpoint->notes.push_back("all shards of " + chosen.index.filename().string() + " are opened");
    }
    if (chosen.index.empty()) {
        SINKSCOPE_TRY(const WeightFolder listing, listWeightFolder(checkpoint->folder));
        if (listing.sets.empty())
            return noWeights(listing, checkpoint->folder);
        const std::size_t best = bestSet(listing.sets);
        chosen = listing.sets[best];
        noteChoice(*checkpoint, listing.sets, best);
        if (chosen.alone)
            return openAlone(path, chosen, *checkpoint);
    }
    SINKSCOPE_CHECK(checkSideFiles(checkpoint->folder));
    SINKSCOPE_CHECK(readSet(*checkpoint, chosen));
    readSideFiles(*checkpoint);
    if (!checkpoint->config && checkpoint->problems.empty())
        checkpoint->notes.emplace_back("there is no config.json in this folder: its tensors can be inspected, not run");
    return std::shared_ptr<const Checkpoint>(std::move(checkpoint));
}

} // namespace

extern const CheckpointFormat hf_folder;
const CheckpointFormat hf_folder{"hf_folder", "Hugging Face folder", "*.index.json", scoreFolder, openFolder};

} // namespace sinkscope::registry_checkpoint_formats
